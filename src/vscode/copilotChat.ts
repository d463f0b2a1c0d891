import * as vscode from "vscode";
import type { HostModel } from "../config/endpoints.ts";
import type { ChatAnswer, ChatMessages, ChatModel, ChatOptions } from "../endpoints/chatModel.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { repeatable } from "../endpoints/openai/serverMessage.ts";

/** ms for one answer; as long as the MCP client of the standalone server has. */
const longestAnswer = 120_000;

const fields = { role: "chat", url: "" } as const;

/** Copilot's models, or those of any other extension, through `vscode.lm`. VS Code asks the user for consent once. */
export class CopilotChat implements ChatModel {
	readonly origin = "";
	readonly maxTokens: number;
	readonly #configured: HostModel;
	readonly #access: vscode.LanguageModelAccessInformation;
	#contextLength: number | undefined;

	constructor(configured: HostModel, access: vscode.LanguageModelAccessInformation) {
		this.#configured = configured;
		this.#access = access;
		this.maxTokens = configured.maxTokens;
		this.#contextLength = configured.contextLength;
	}

	get description(): string {
		return this.#configured.model ? `${this.#configured.model} of VS Code` : "a language model of VS Code";
	}

	get contextLength(): number | undefined {
		return this.#contextLength;
	}

	async complete({ system, user }: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
		const late = AbortSignal.timeout(longestAnswer);
		const called = options.signal ? AbortSignal.any([late, options.signal]) : late;
		const stop = new vscode.CancellationTokenSource();
		const abort = () => stop.cancel();
		called.addEventListener("abort", abort, { once: true });
		try {
			called.throwIfAborted();
			const model = await Promise.race([this.#model(), whenAborted(called)]);
			this.#contextLength = this.#configured.contextLength ?? model.maxInputTokens + this.maxTokens;
			// VS Code would ask for consent, which it may do only when a person is doing something.
			if (options.unattended && this.#access.canSendRequest(model) !== true)
				throw unavailable("may not be asked yet", "The next save asks you for your consent.");
			// The API knows no system message.
			const messages = [
				vscode.LanguageModelChatMessage.User(system),
				vscode.LanguageModelChatMessage.User(user),
			];
			return await Promise.race([answerOf(model, messages, stop.token), whenAborted(called)]);
		} catch (error) {
			options.signal?.throwIfAborted();
			if (late.aborted)
				throw new EndpointError(
					"timeout",
					`is VS Code's, which did not answer within ${longestAnswer / 1000} s`,
					"It is tried again later.",
					fields,
				);
			throw error instanceof EndpointError ? error : worded(error, user);
		} finally {
			called.removeEventListener("abort", abort);
			stop.dispose();
		}
	}

	async #model(): Promise<vscode.LanguageModelChat> {
		const { model: wanted } = this.#configured;
		const models = await vscode.lm.selectChatModels(wanted ? {} : { vendor: "copilot" });
		const [found] = wanted
			? models.filter(({ id, family, name }) => [id, family, name].includes(wanted))
			: models.length > 0
				? models
				: await vscode.lm.selectChatModels();
		if (found) return found;
		const names = [...new Set(models.map(({ family }) => family))].join(", ");
		throw wanted && names
			? new EndpointError(
					"model-not-found",
					`is to be ${JSON.stringify(wanted)}, which VS Code does not offer`,
					`It offers ${names}: set mcpMem0.llm.model to one of them.`,
					fields,
				)
			: unavailable(
					"is to be VS Code's, which offers none",
					"Sign in to Copilot, or choose another provider.",
				);
	}
}

async function answerOf(
	model: vscode.LanguageModelChat,
	messages: vscode.LanguageModelChatMessage[],
	token: vscode.CancellationToken,
): Promise<ChatAnswer> {
	const options = { justification: "Mem0 takes facts out of what is saved to memory." };
	const response = await model.sendRequest(messages, options, token);
	let text = "";
	for await (const part of response.text) text += part;
	return { text, truncated: false };
}

/** A provider that does not heed its token must not keep us. */
function whenAborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}

function unavailable(what: string, advice: string): EndpointError {
	return new EndpointError("unavailable", what, advice, fields);
}

function worded(error: unknown, text: string): EndpointError {
	const serverMessage = repeatable(error instanceof Error ? error.message : String(error), [], [text]);
	const code = error instanceof vscode.LanguageModelError ? error.code : "";
	if (code === vscode.LanguageModelError.NoPermissions.name)
		return new EndpointError(
			"unauthorized",
			"is VS Code's, and may not be used by Mem0",
			"Allow it with the command “Manage Language Model Access”, or choose another provider.",
			{ ...fields, serverMessage, cause: error },
		);
	if (code === vscode.LanguageModelError.Blocked.name)
		return new EndpointError(
			"rate-limited",
			"is VS Code's, which refuses for now",
			"It is tried again later.",
			{
				...fields,
				serverMessage,
				cause: error,
			},
		);
	return new EndpointError("server-error", "is VS Code's, which failed", "It is tried again later.", {
		...fields,
		serverMessage,
		cause: error,
	});
}
