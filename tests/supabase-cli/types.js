import { writeFileSync } from "node:fs";

import { committed, types } from "./supabase.js";

writeFileSync(committed, types());
