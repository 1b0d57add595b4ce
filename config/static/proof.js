// A worker that finds the proof which inquiries/suspicion.py asks for: a number whose SHA-256 (FIPS 180-4), behind the
// signature of the form's key, begins with so many zero bits.
"use strict";

const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
const turn = (word, by) => (word >>> by) | (word << (32 - by));
const words = new Int32Array(64);

// One block of 16 words at `from`, worked into the eight words of `state`.
function absorb(state, block, from) {
  for (let i = 0; i < 64; i++) {
    if (i < 16) {
      words[i] = block[from + i];
      continue;
    }
    const two = words[i - 2], fifteen = words[i - 15];
    const low = turn(fifteen, 7) ^ turn(fifteen, 18) ^ (fifteen >>> 3);
    const high = turn(two, 17) ^ turn(two, 19) ^ (two >>> 10);
    words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
}

// The text as words, with the end that SHA-256 wants.
function blocks(text) {
  const room = new Int32Array(16 * Math.ceil((text.length + 9) / 64));
  for (let i = 0; i < text.length; i++) room[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i % 4));
  room[text.length >> 2] |= 0x80 << (24 - 8 * (text.length % 4));
  room[room.length - 1] = text.length * 8;
  return room;
}

function proves(text, bits) {
  const state = [...START], all = blocks(text);
  for (let from = 0; from < all.length; from += 16) absorb(state, all, from);
  return state[0] >>> (32 - bits) === 0;
}

onmessage = ({ data: { key, bits } }) => {
  const challenge = key.split(":").pop();
  let number = 0;
  while (!proves(`${challenge}:${number}`, bits)) number++;
  postMessage(String(number));
};
