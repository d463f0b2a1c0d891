import { prefixesOf } from "../../../config/embeddingPrefixes.ts";
import { type Check, ok, warning } from "../../findings.ts";
import { setVariable } from "../../fixes.ts";
import type { Fix } from "../../report.ts";
import type { EmbeddingTarget } from "../../target.ts";

/** Shows what is sent before each text; without what its family wants, a model's vectors are poor. */
export const prefixes: Check<EmbeddingTarget> = {
	stage: "prefixes",
	title: "Prefixes",
	applies: ({ endpoint }) => [endpoint.prefixes, prefixesOf(endpoint.model)].some(hasAny),
	run: async ({ endpoint: { model, prefixes: sent } }) => {
		const wanted = prefixesOf(model);
		const seen = `Queries are sent ${after(sent.query)}, memories ${after(sent.document)}`;
		if (!hasAny(wanted)) return ok(`${seen}, as configured.`);
		if (sent.query === wanted.query && sent.document === wanted.document)
			return ok(`${seen}, as models like ${model} want it.`);
		return warning(
			`${seen}, as configured.`,
			`Models like ${model} were trained with queries ${after(wanted.query)} and memories ${after(wanted.document)}. Where the server adds that itself, nothing is wrong.`,
			[
				...(sent.query === wanted.query ? [] : [unset("EMBEDDING_QUERY_PREFIX")]),
				...(sent.document === wanted.document ? [] : [unset("EMBEDDING_DOCUMENT_PREFIX")]),
			],
		);
	},
};

function unset(variable: "EMBEDDING_QUERY_PREFIX" | "EMBEDDING_DOCUMENT_PREFIX"): Fix {
	return setVariable(variable, undefined, `Unset ${variable}`);
}

function hasAny({ query, document }: { readonly query: string; readonly document: string }): boolean {
	return query !== "" || document !== "";
}

function after(prefix: string): string {
	return prefix ? `after ${JSON.stringify(prefix)}` : "as they are";
}
