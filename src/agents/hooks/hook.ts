import { homedir } from "node:os";
import { dirname, isAbsolute, resolve } from "node:path";
import type { Config } from "../../config/config.ts";
import { loadSources, mergedValues } from "../../config/sources.ts";
import { readUsableConfig } from "../../config/usableConfig.ts";
import type { Environment } from "../../config/variables.ts";
import { askMemories } from "../../endpoints/lending/borrowing.ts";
import { readGitFile } from "../../memory/gitFiles.ts";
import type { Bundles } from "../../memory/openMemory.ts";
import { identifyProject } from "../../memory/project.ts";
import type { Project } from "../../store/types.ts";
import type { Told } from "./brief.ts";
import { type Moment, momentOf } from "./events.ts";
import { answerIn, type HookClient, isHookClient } from "./forms.ts";
import { type HookInput, readInput } from "./input.ts";
import { leaveWord } from "./leaveWord.ts";
import { isReply, type Question, type Reply } from "./question.ts";
import { forgetTold, rememberTold, type Session, tidySessions, toldIn } from "./told.ts";

/** ms after the start of the process at which it ends, whatever is under way; the client waits until then. */
export const longest: Readonly<Record<Moment, number>> = {
	start: 1500,
	prompt: 600,
	compact: 600,
	stop: 600,
	end: 600,
};
/** ms after the start until which other processes are waited for; then this one opens the memory itself. */
const askedUntil = 260;
/** ms that they get at least, where starting took long. */
const leastAsked = 100;
/** ms that a process which has the memory open waits for the prompt's vector. */
const patience = 50;
/** ms after the start until which this process waits for its own model, and for what it finds with it. */
const vectorUntil = 380;
const answerUntil = 540;

export interface HookCall {
	readonly client: unknown;
	/** As the client writes it. */
	readonly event: string;
	/** What it gives to the hook. */
	readonly input: string;
	readonly env: Environment;
	/** The `.env` file that was named. */
	readonly envFile: string | undefined;
	readonly bundles: Bundles;
}

interface Hook extends HookInput {
	readonly client: HookClient;
	readonly config: Config;
	/** Set by the user for this process, not assumed. */
	readonly tokens: number | undefined;
	readonly notConfigured: { readonly embedding?: string };
	readonly here: Session;
	readonly bundles: Bundles;
}

/** What is done at each moment, and what the session is told. */
const handlers: Readonly<Record<Moment, (hook: Hook) => Promise<Told | undefined>>> = {
	start,
	prompt,
	compact: forget,
	stop: (hook) => leave(hook, "stop"),
	end: (hook) => leave(hook, "end"),
};

export interface HookAnswer {
	/** What the hook prints. */
	readonly text: string;
	/** To be called when it is out. */
	readonly remember: () => Promise<void>;
}

/**
 * Undefined: there is nothing to say.
 * @throws anything: the session goes on without an answer.
 */
export async function answerOf(call: HookCall): Promise<HookAnswer | undefined> {
	const { client, event } = call;
	const moment = momentOf(event);
	if (!moment || !isHookClient(client)) return undefined;
	const input = readInput(call.input);
	const { sources } = loadSources(call.env, process.cwd(), call.envFile);
	const { config, notConfigured } = readUsableConfig(sources);
	const isSet = mergedValues(sources).BRIEF_TOKENS?.trim();
	const here = { folder: config.memoryDir, id: input.session };
	const hook: Hook = {
		...input,
		client,
		config,
		notConfigured,
		tokens: isSet ? config.briefTokens : undefined,
		here,
		bundles: call.bundles,
	};
	const told = await handlers[moment](hook);
	if (!told) return undefined;
	return { text: answerIn(client, event, told.text), remember: () => rememberTold(here, told.keys) };
}

async function start(hook: Hook): Promise<Told | undefined> {
	// A session that goes on has before it what it was told, and some clients ask about its first prompt before they start it.
	if (/^(compact|clear)$/i.test(hook.source ?? "")) await forgetTold(hook.here);
	await tidySessions(hook.here.folder);
	return ask(hook);
}

async function prompt(hook: Hook): Promise<Told | undefined> {
	return hook.prompt?.trim() ? ask(hook, hook.prompt) : undefined;
}

/** A compaction takes away what the model was told. */
async function forget(hook: Hook): Promise<undefined> {
	await leave(hook, "compact");
	await forgetTold(hook.here);
}

async function leave(hook: Hook, moment: Moment): Promise<undefined> {
	// No process on this machine distils for a team's server.
	if (hook.config.teamServer) return;
	await leaveWord(hook.config.memoryDir, moment, hook.client, hook, () => projectOf(hook));
}

async function ask(hook: Hook, asked?: string): Promise<Told | undefined> {
	const { client, config, tokens, here } = hook;
	const question: Question = {
		userId: config.userId,
		teamServer: config.teamServer?.url,
		client,
		prompt: asked,
		project: await projectOf(hook),
		told: await toldIn(here),
		tokens,
		patience,
	};
	const waiting = AbortSignal.timeout(Math.max(leastAsked, Math.round(askedUntil - performance.now())));
	const reply = await askMemories<Reply>(config.memoryDir, question, waiting);
	return (reply && isReply(reply) ? reply : await replyOfOwn(hook, question))?.told;
}

/** Opens the memory in this process, which takes longer. */
async function replyOfOwn({ config, notConfigured, bundles }: Hook, question: Question) {
	const { ownReply } = await import("./ownReply.ts");
	const until = { vector: vectorUntil, answer: answerUntil };
	return ownReply({ config, notConfigured, bundles }, question, until);
}

/** A client that names a folder means it, even if it is no repository; but nobody's home folder is a project. */
async function projectOf({ folder, config }: Hook): Promise<Project | undefined> {
	const named = folder ?? config.projectDir;
	// Windows would log in to another machine with the user's name.
	if (named === undefined || !isAbsolute(named) || /^[\\/]{2}/.test(named)) return undefined;
	const at = resolve(named);
	return at === homedir() || dirname(at) === at ? undefined : identifyProject(at, readGitFile);
}
