"""Free times for directories and finders: SMART Scheduling Links 1.0 (HL7 FHIR R4). No person is named in it."""
