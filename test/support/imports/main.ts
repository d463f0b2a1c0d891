/** Part of `npm run check`: fails on an import that the table of rooms does not allow. */
import { forbidden, projectImports } from "./checkImports.ts";

const found = forbidden(await projectImports());
for (const line of found) console.error(line);
if (found.length > 0) {
	console.error(`\n${found.length} imports are not allowed. The table: test/support/imports/rooms.ts`);
	process.exitCode = 1;
}
