import { isRecord } from "../../endpoints/openai/serverMessage.ts";
import type { CheckResult } from "../findings.ts";
import { failed } from "../probe.ts";
import type { Fix, ServerFamily } from "../report.ts";
import { jsonOf, type Target } from "../target.ts";
import type { Chat } from "./chat.ts";
import { completionOf } from "./chat.ts";
import { succeeded } from "./failedRequest.ts";
import { contextIn } from "./models.ts";

/** Characters of mem0ai's instructions (mem0ai 3.3.1). */
const instructions = 33_655;
/** Tokens that the memory wants for them, a text, and an answer; see memory/saving/distiller.ts. */
const needed = 11_000;

const filler = "A line of this test has nothing to say and is as long as a line of instructions is.\n";

/** Whether mem0ai's instructions fit: by what the server tells of its context, else by sending as much. */
export async function checkContextLength(chat: Chat): Promise<CheckResult> {
	const { endpoint, asked } = chat;
	const told = contextIn(asked.models, endpoint.model) ?? (await askContext(asked.target, asked.family));
	const configured = endpoint.contextLength;
	if (told === undefined) return measuredDraft(chat);
	if (configured !== undefined && configured > told)
		return tooSmall(
			asked.family,
			`The server's context has ${told.toLocaleString("en")} tokens, fewer than LLM_CONTEXT_LENGTH says.`,
			"Prompts that are too long would be refused, or cut without a word.",
			[setLength(told)],
		);
	if (told < needed)
		return tooSmall(asked.family, `The server's context has ${told.toLocaleString("en")} tokens.`);
	if (configured !== undefined && configured < needed)
		return tooSmall(
			asked.family,
			`The server's context has ${told.toLocaleString("en")} tokens, of which LLM_CONTEXT_LENGTH allows ${configured.toLocaleString("en")}.`,
			undefined,
			[setLength(told)],
		);
	return { status: "ok", seen: `The server's context has ${told.toLocaleString("en")} tokens.` };
}

async function measuredDraft(chat: Chat): Promise<CheckResult> {
	const { endpoint, asked } = chat;
	const { target, family } = asked;
	const prompt = `${filler.repeat(Math.ceil(instructions / filler.length))}Answer with the one word ok.`;
	const outcome = await chat.ask(prompt, 16);
	const evidence = [
		target.evidence("POST", target.requestUrl, outcome, `a prompt of ${prompt.length} characters`),
	];
	if (succeeded(outcome)) {
		const read = completionOf(outcome)?.read;
		// Not even the most wasteful alphabet has tokens this long: the prompt was cut.
		if (read !== undefined && read > 0 && read < prompt.length / 9)
			return {
				...tooSmall(
					family,
					`The server read only ${read} tokens of a prompt of some 8,000, and said nothing.`,
				),
				evidence,
			};
		if (endpoint.contextLength !== undefined && endpoint.contextLength < needed)
			return {
				...tooSmall(
					family,
					`The server takes a prompt of some 8,000 tokens; LLM_CONTEXT_LENGTH is ${endpoint.contextLength}.`,
					undefined,
					[setLength(needed)],
				),
				evidence,
			};
		return {
			status: "ok",
			seen: `A prompt as long as mem0's instructions is taken${read ? ` (${read.toLocaleString("en")} tokens)` : ""}.`,
			evidence,
		};
	}
	if (failed(outcome))
		return {
			...tooSmall(
				family,
				outcome.code === "TIMEOUT"
					? `A prompt of some 8,000 tokens was not read within ${target.run.deadline / 1000} s.`
					: `The connection broke when a prompt of some 8,000 tokens was sent (${outcome.code}).`,
				"The model is slow with long prompts. Saves do not wait for it: facts follow in the background.",
			),
			evidence,
		};
	const { said, limit } = target.errorOf(outcome, target.requestUrl, [prompt]);
	return {
		...tooSmall(
			family,
			limit
				? `The server's context has ${limit.toLocaleString("en")} tokens.`
				: `The server refuses a prompt of some 8,000 tokens.${said ? ` It said: “${said}”.` : ""}`,
		),
		evidence,
	};
}

function tooSmall(
	family: ServerFamily,
	seen: string,
	cause = "mem0's instructions, some 8,000 tokens, do not fit with a text and an answer; shorter ones are used, which find fewer facts.",
	fixes: readonly Fix[] = [],
): CheckResult {
	const raise = how[family] ?? "Use a model with a context of 16,384 tokens or more, where facts matter";
	return {
		status: "warning",
		seen,
		cause,
		fixes: [...fixes, ...(fixes.length === 0 ? [{ kind: "advice" as const, label: raise }] : [])],
	};
}

const how: Partial<Record<ServerFamily, string>> = {
	ollama: "Start Ollama with OLLAMA_CONTEXT_LENGTH=16384, and set LLM_CONTEXT_LENGTH to 16384",
	llamacpp: "Start llama.cpp with -c 16384",
	vllm: "Start vLLM with --max-model-len 16384, if the model allows it",
	lmstudio: "Load the model in LM Studio with a context of 16,384",
	localai: "Set context_size: 16384 in the model's YAML file",
};

function setLength(tokens: number): Fix {
	return {
		kind: "set",
		label: `Set LLM_CONTEXT_LENGTH to ${tokens}`,
		changes: [{ variable: "LLM_CONTEXT_LENGTH", value: String(tokens) }],
	};
}

/** The context that a server's own interface tells of. */
async function askContext(target: Target, family: ServerFamily): Promise<number | undefined> {
	const path = { ollama: "/api/ps", lmstudio: "/api/v1/models", llamacpp: "/props" }[family as string];
	if (path === undefined) return undefined;
	const answer = await target.get(`${target.origin}${path}`);
	const value = failed(answer) ? undefined : jsonOf(answer);
	if (!isRecord(value)) return undefined;
	if (family === "llamacpp") {
		const settings = value.default_generation_settings;
		return isRecord(settings) ? positive(settings.n_ctx) : undefined;
	}
	const { model } = target.endpoint;
	const entry = (Array.isArray(value.models) ? (value.models as unknown[]) : []).find(
		(each) => isRecord(each) && [each.name, each.model, each.key].some((name) => isNamed(name, model)),
	);
	if (!isRecord(entry)) return undefined;
	if (family === "ollama") return positive(entry.context_length);
	const [instance] = Array.isArray(entry.loaded_instances) ? (entry.loaded_instances as unknown[]) : [];
	return isRecord(instance) && isRecord(instance.config)
		? positive(instance.config.context_length)
		: undefined;
}

function isNamed(name: unknown, model: string): boolean {
	return typeof name === "string" && name.replace(/:latest$/, "") === model.replace(/:latest$/, "");
}

function positive(value: unknown): number | undefined {
	return typeof value === "number" && value > 0 ? value : undefined;
}
