import * as vscode from "vscode";
import type { HostModel } from "../config/endpoints.ts";
import { redactor } from "../config/redact.ts";
import type { ChatAnswer, ChatMessages, ChatModel, ChatOptions } from "../endpoints/chatModel.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { repeatable } from "../endpoints/openai/serverMessage.ts";

/** ms for one answer, the same as for the MCP client of the standalone server. */
const longestAnswer = 120_000;

const fields = { role: "chat", url: "" } as const;

/** Models of Copilot or of any other extension, through `vscode.lm`. VS Code asks the user for consent once. */
export function copilotChat(
	{ model: wanted, maxTokens, contextLength }: HostModel,
	access: vscode.LanguageModelAccessInformation,
): ChatModel {
	const chat = {
		origin: "",
		description: wanted ? `${wanted} of VS Code` : "a language model of VS Code",
		maxTokens,
		contextLength,
		async complete({ system, user }: ChatMessages, options: ChatOptions = {}) {
			const late = AbortSignal.timeout(longestAnswer);
			const called = options.signal ? AbortSignal.any([late, options.signal]) : late;
			const stop = new vscode.CancellationTokenSource();
			const abort = () => stop.cancel();
			called.addEventListener("abort", abort, { once: true });
			try {
				called.throwIfAborted();
				const model = await Promise.race([chosenModel(wanted), whenAborted(called)]);
				chat.contextLength = contextLength ?? model.maxInputTokens + maxTokens;
				// VS Code would ask for consent, which makes sense only while the person is doing something.
				if (options.unattended && access.canSendRequest(model) !== true)
					throw unavailable("may not be used yet", "The next save asks for your consent.");
				// The API has no system message.
				const messages = [system, user].map((text) => vscode.LanguageModelChatMessage.User(text));
				return await Promise.race([answerOf(model, messages, stop.token), whenAborted(called)]);
			} catch (error) {
				options.signal?.throwIfAborted();
				if (late.aborted) {
					const what = `is VS Code's, which did not answer within ${longestAnswer / 1000} s`;
					throw new EndpointError("timeout", what, later, fields);
				}
				throw error instanceof EndpointError ? error : worded(error, user);
			} finally {
				called.removeEventListener("abort", abort);
				stop.dispose();
			}
		},
	};
	return chat;
}

/** The families of VS Code's models. */
export async function hostModels(): Promise<string[]> {
	const models = await vscode.lm.selectChatModels();
	return [...new Set(models.map(({ family }) => family))];
}

/** @param wanted its id, family or name. */
async function chosenModel(wanted: string | undefined): Promise<vscode.LanguageModelChat> {
	const models = await vscode.lm.selectChatModels(wanted ? {} : { vendor: "copilot" });
	const [found] = wanted
		? models.filter(({ id, family, name }) => [id, family, name].includes(wanted))
		: models.length > 0
			? models
			: await vscode.lm.selectChatModels();
	if (found) return found;
	const names = [...new Set(models.map(({ family }) => family))].join(", ");
	if (!wanted || !names)
		throw unavailable(
			"should be VS Code's, which offers none",
			"Sign in to Copilot, or choose another provider.",
		);
	const what = `should be ${JSON.stringify(wanted)}, which VS Code does not offer`;
	const advice = `It offers ${names}: set mcpMem0.llm.model to one of them.`;
	throw new EndpointError("model-not-found", what, advice, fields);
}

async function answerOf(
	model: vscode.LanguageModelChat,
	messages: vscode.LanguageModelChatMessage[],
	token: vscode.CancellationToken,
): Promise<ChatAnswer> {
	const options = { justification: vscode.l10n.t("Mem0 distils facts from what is saved to memory.") };
	const response = await model.sendRequest(messages, options, token);
	let text = "";
	for await (const part of response.text) text += part;
	return { text, truncated: false };
}

/** For providers that ignore their cancellation token. */
function whenAborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}

function unavailable(what: string, advice: string): EndpointError {
	return new EndpointError("unavailable", what, advice, fields);
}

const later = "It is tried again later.";

function worded(error: unknown, text: string): EndpointError {
	const serverMessage = repeatable(error instanceof Error ? error.message : String(error), redactor([]), [
		text,
	]);
	const more = { ...fields, serverMessage, cause: error };
	const code = error instanceof vscode.LanguageModelError ? error.code : "";
	if (code === vscode.LanguageModelError.NoPermissions.name) {
		const advice = "Allow it with the command “Manage Language Model Access”, or choose another provider.";
		return new EndpointError("unauthorized", "is VS Code's, and Mem0 may not use it", advice, more);
	}
	if (code === vscode.LanguageModelError.Blocked.name)
		return new EndpointError("rate-limited", "is VS Code's, which refuses for now", later, more);
	return new EndpointError("server-error", "is VS Code's, which failed", later, more);
}
