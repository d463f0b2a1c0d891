import type { Traffic } from "../memoryStore.ts";
import type { DayTraffic } from "../usage.ts";
import type { Database } from "./database.ts";

/** By number, not by date: a clock that was ahead once must not erase what came before. */
const daysKept = 30;

export function sqliteTraffic(database: Database): Traffic {
	const add = `INSERT INTO traffic VALUES (:day, :role, :host, :requests, :errors, :inputTokens, :outputTokens, :duration)
		ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors,
			input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
			duration = duration + excluded.duration`;
	return {
		add: (rows) =>
			database.write(() => {
				for (const { duration, ...row } of rows)
					database.run(add, { ...row, duration: Math.round(duration) });
				database.run(
					"DELETE FROM traffic WHERE day < (SELECT min(day) FROM (SELECT DISTINCT day FROM traffic ORDER BY day DESC LIMIT :daysKept))",
					{ daysKept },
				);
			}),
		since: async (day) => {
			const rows = database.all<DayTraffic>(
				`SELECT day, role, host, requests, errors, input_tokens AS inputTokens, output_tokens AS outputTokens, duration
				FROM traffic WHERE day >= :day ORDER BY day DESC, role, host`,
				{ day },
			);
			return rows.map((row) => ({ ...row }));
		},
		take: (server, most, window) =>
			database.write(() => {
				const now = Date.now();
				// Where the clock was set back, a start counts from now on.
				database.run("UPDATE request_starts SET at = :now WHERE at > :now", { now });
				database.run("DELETE FROM request_starts WHERE at <= :over", { over: now - window });
				const last = database.get<{ at: number }>(
					"SELECT at FROM request_starts WHERE server = :server ORDER BY at DESC LIMIT 1 OFFSET :others",
					{ server, others: most - 1 },
				);
				if (last) return last.at + window - now;
				database.run("INSERT INTO request_starts VALUES (:server, :now)", { server, now });
				return 0;
			}),
	};
}
