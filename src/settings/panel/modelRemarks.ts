import * as l10n from "@vscode/l10n";
import type { EndpointRole } from "../../config/endpoints.ts";
import { nearestNames } from "../../config/modelNames.ts";
import type { Values } from "../values.ts";
import type { ModelsView } from "./protocol.ts";

/** A list of models with what it says of the model that is entered: whether it is in the list, and what may be meant. */
export function withRemark(view: ModelsView, role: EndpointRole, values: Values): ModelsView {
	const model = (role === "chat" ? values.LLM_CHOICE : values.EMBEDDING_MODEL_CHOICE)?.trim();
	if (view.state !== "listed" || view.names.length === 0 || !model) return view;
	// Ollama's tag "latest" may be left out.
	const known = view.names.some((name) => name === model || name === `${model}:latest`);
	if (known) return view;
	const [suggestion] = nearestNames(model, view.names, 1);
	const remark = suggestion
		? l10n.t`“${model}” is not in the list; did you mean ${suggestion}?`
		: l10n.t`“${model}” is not in the list.`;
	return { ...view, remark, ...(suggestion ? { suggestion } : {}) };
}
