import { differs, leastCosine } from "../../endpoints/openai/agreement.ts";
import { dotProduct } from "../../vectors/blob.ts";
import { type CheckResult, failure, ok, warning } from "../findings.ts";
import { advice } from "../fixes.ts";
import type { Target } from "../target.ts";

/** One of the servers of an endpoint. */
export interface ExaminedServer {
	readonly target: Target;
	/** The stage that failed. */
	readonly failedAt: string | undefined;
}

/** What its servers mean for an endpoint that has several. */
export function checkServers(servers: readonly ExaminedServer[]): CheckResult {
	const working = servers.filter(({ failedAt }) => failedAt === undefined);
	const count = `${working.length} of ${servers.length} servers`;
	if (working.length === 0)
		return failure(
			`None of the ${servers.length} servers can be used.`,
			"Each of them has a fault of its own.",
			[advice("See each finding above, and mend one of the servers")],
		);
	const others = differing(working.map(({ target }) => target));
	if (others.length > 0)
		return warning(`${count} can be used, but not all make the same vectors.`, others.join(" "), [
			advice("Serve the same model, in the same form, on all servers, or leave out those that differ"),
		]);
	if (working.length < servers.length)
		return warning(
			`${count} can be used.`,
			"Requests go to those that work; those that do not are tried again.",
			[advice("See the findings above, or leave out the servers that are gone")],
		);
	return ok(`All ${servers.length} servers can be used; requests are shared among them.`);
}

/** What makes the vectors of some servers other ones than those of the first. */
function differing([first, ...others]: readonly Target[]): string[] {
	const [reference] = first?.vectors ?? [];
	return others.flatMap(({ vectors, endpoint }) => {
		const [vector] = vectors ?? [];
		if (!reference || !vector) return [];
		const cosine = vector.length === reference.length ? dotProduct(vector, reference) : Number.NaN;
		return cosine >= leastCosine ? [] : [differs(endpoint.baseUrl, cosine).message];
	});
}
