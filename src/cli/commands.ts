import { agents } from "./agents.ts";
import type { Command } from "./command.ts";
import { connect } from "./connect.ts";
import { disconnect } from "./disconnect.ts";
import { distill } from "./distill.ts";
import { doctor } from "./doctor.ts";
import { exportMemories } from "./export.ts";
import { hook } from "./hook.ts";
import { importMemories } from "./import.ts";
import { reembed } from "./reembed.ts";
import { rescue } from "./rescue.ts";
import { search } from "./search.ts";
import { serve } from "./serve.ts";
import { usage } from "./usage.ts";

/** In the order of the help. The first is the default. */
export const commands: readonly [Command, ...Command[]] = [
	serve,
	search,
	importMemories,
	exportMemories,
	reembed,
	distill,
	rescue,
	usage,
	doctor,
	connect,
	disconnect,
	agents,
	hook,
];
