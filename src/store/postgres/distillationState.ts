import { withoutNulls } from "../rows.ts";
import type { DistillationState } from "../types.ts";
import type { Reader } from "./database.ts";

/** Whether the endpoint of this process may have the text, as a condition on `journal`. */
export const isMeantForUs = "(meant_for IS NULL OR meant_for = :destination::text)";

export async function stateOf(
	reader: Reader,
	userId: string,
	destination: string | null,
): Promise<DistillationState> {
	const rows = await reader.all<{
		origin: string | null;
		pending: number;
		givenUp: number;
		problem: string | null;
		wait: number | null;
	}>(
		`SELECT CASE WHEN ${isMeantForUs} THEN NULL ELSE meant_for END AS origin,
		count(*) FILTER (WHERE distil = 'pending') AS pending, count(*) FILTER (WHERE distil = 'given-up') AS "givenUp",
		coalesce(max(problem) FILTER (WHERE distil = 'pending'), max(problem)) AS problem,
		min(next_at) FILTER (WHERE distil = 'pending' AND claimed_by IS NULL AND done_at IS NOT NULL) - {s}.now_ms() AS wait
		FROM {s}.journal WHERE user_id = :userId AND distil IN ('pending', 'given-up') GROUP BY 1`,
		{ userId, destination },
	);
	const now = Date.now();
	const own = rows.find(({ origin }) => origin === null);
	const others = rows.filter(({ origin, pending }) => origin !== null && pending > 0);
	return {
		...withoutNulls<Pick<DistillationState, "pending" | "givenUp">>({
			pending: own?.pending ?? 0,
			givenUp: own?.givenUp ?? 0,
			problem: own?.problem ?? null,
			// By this machine's clock, which need not agree with the server's.
			nextDue: own?.wait === null || own?.wait === undefined ? null : now + own.wait,
		}),
		heldBack: others.reduce((sum, { pending }) => sum + pending, 0),
		heldBackFor: others.map(({ origin }) => origin as string),
	};
}
