import type { ChatModel } from "../../endpoints/chatModel.ts";
import { EndpointError } from "../../endpoints/endpointError.ts";
import type { CheckResult } from "../findings.ts";

/** Whether the language model that VS Code brings answers. VS Code may ask for consent first. */
export async function checkHostModel(
	model: ChatModel | undefined,
	{ signal: cancelled, deadline }: { readonly signal: AbortSignal; readonly deadline: number },
): Promise<CheckResult> {
	if (!model)
		return {
			status: "skipped",
			seen: "The language model is that of VS Code, or of the MCP client; it can be checked there only.",
		};
	const late = AbortSignal.timeout(deadline);
	const begun = performance.now();
	try {
		const { text } = await model.complete(
			{ system: "This is a test of the connection.", user: "Answer with the one word ok." },
			{ signal: AbortSignal.any([cancelled, late]) },
		);
		if (text.trim() !== "")
			return {
				status: "ok",
				seen: `${model.description} answered in ${Math.round(performance.now() - begun)} ms.`,
			};
		return { status: "failed", seen: `${model.description} answered with nothing.` };
	} catch (error) {
		cancelled.throwIfAborted();
		if (late.aborted)
			return {
				status: "failed",
				seen: `${model.description} did not answer within ${deadline / 1000} s.`,
				cause: "It waits for your consent, or is not to be reached.",
				fixes: [{ kind: "advice", label: "Allow it with the command “Manage Language Model Access”" }],
			};
		return {
			status: "failed",
			seen:
				error instanceof EndpointError ? error.message : `VS Code's language model failed: ${String(error)}`,
			fixes: [
				{ kind: "open-setting", label: "Choose another provider in LLM_PROVIDER", variable: "LLM_PROVIDER" },
				{ kind: "open-setting", label: "Choose another model in LLM_CHOICE", variable: "LLM_CHOICE" },
			],
		};
	}
}
