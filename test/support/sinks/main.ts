/** Part of `npm run check`: fails where a text could be shown without being made inert. */
import { projectSinks } from "./checkSinks.ts";

const found = await projectSinks();
for (const line of found) console.error(line);
if (found.length > 0) process.exitCode = 1;
