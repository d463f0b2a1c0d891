import { agents } from "./agents.ts";
import { backup, backups } from "./backups.ts";
import type { Command } from "./command.ts";
import { completionFor } from "./completion.ts";
import { connect } from "./connect.ts";
import { deleteMemories } from "./delete.ts";
import { disconnect } from "./disconnect.ts";
import { distill } from "./distill.ts";
import { doctor } from "./doctor.ts";
import { edit } from "./edit.ts";
import { exportMemories } from "./export.ts";
import { history } from "./history.ts";
import { hook } from "./hook.ts";
import { importMemories } from "./import.ts";
import { list } from "./list.ts";
import { migrate } from "./migrate.ts";
import { reembed } from "./reembed.ts";
import { rescue } from "./rescue.ts";
import { restore } from "./restore.ts";
import { save } from "./save.ts";
import { search } from "./search.ts";
import { secrets } from "./secrets.ts";
import { serve } from "./serve.ts";
import { show } from "./show.ts";
import { usage } from "./usage.ts";

/** In the order of the help. The first is the default. */
export const commands: readonly [Command, ...Command[]] = [
	serve,
	save,
	search,
	list,
	show,
	edit,
	deleteMemories,
	restore,
	history,
	importMemories,
	exportMemories,
	backup,
	backups,
	migrate,
	secrets,
	reembed,
	distill,
	rescue,
	usage,
	doctor,
	connect,
	disconnect,
	agents,
	hook,
	completionFor(() => commands),
];
