/* The arrow keys among the cells of a calendar, as the grid pattern of ARIA has it; without this every link is a stop. */
"use strict";

(() => {
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  // The cells as they lie: a cell of several rows stands in each of them.
  function matrix(grid) {
    const rows = [...grid.rows];
    const lying = rows.map(() => []);
    rows.forEach((row, at) => {
      let column = 0;
      for (const cell of row.cells) {
        while (lying[at][column]) column += 1;
        for (let down = 0; down < cell.rowSpan && lying[at + down]; down += 1) lying[at + down][column] = cell;
      }
    });
    return lying;
  }

  const stops = (cell) => {
    const links = [...cell.querySelectorAll("a")];
    return links.length ? links : [cell];
  };

  // One stop of the Tab key in the whole grid: where the focus was, else what can be pressed first.
  function settle(grid, chosen) {
    for (const cell of grid.querySelectorAll("td, th")) for (const stop of stops(cell)) stop.tabIndex = -1;
    (chosen ?? grid.querySelector("td a") ?? grid.querySelector("td")).tabIndex = 0;
  }

  function next(lying, cell, [down, right]) {
    let row = lying.findIndex((cells) => cells.includes(cell));
    let column = lying[row].indexOf(cell);
    let found = cell;
    while (found === cell) {
      row += down;
      column += right;
      found = lying[row]?.[column];
    }
    return found;
  }

  document.addEventListener("keydown", (event) => {
    const grid = event.target.closest?.("[role=grid]");
    const step = STEPS[event.key];
    if (!grid || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = event.target.closest("td, th");
    const inside = stops(cell);
    const beside = inside[inside.indexOf(event.target) + step[0] + step[1]];
    const beyond = beside ?? next(matrix(grid), cell, step);
    if (!beyond) return;
    const target = beside ?? (step[0] + step[1] > 0 ? stops(beyond)[0] : stops(beyond).at(-1));
    event.preventDefault();
    settle(grid, target);
    target.focus();
  });

  const settleAll = () => document.querySelectorAll("[role=grid]").forEach((grid) => settle(grid));
  settleAll();
  document.addEventListener("htmx:afterSwap", settleAll);
})();
