import type { Traffic } from "../memoryStore.ts";
import type { DayTraffic } from "../usage.ts";
import type { Database } from "./database.ts";

/** By number, not by date: a clock that was ahead once must not erase what came before. */
const daysKept = 30;

export function postgresTraffic(database: Database): Traffic {
	return {
		add: (rows) =>
			database.write(
				async (writer) => {
					for (const { duration, ...row } of rows)
						await writer.all(
							`INSERT INTO {s}.traffic AS t VALUES (:day, :role, :host, :requests, :errors, :inputTokens, :outputTokens, :duration)
							ON CONFLICT (day, role, host) DO UPDATE SET requests = t.requests + excluded.requests, errors = t.errors + excluded.errors,
								input_tokens = t.input_tokens + excluded.input_tokens, output_tokens = t.output_tokens + excluded.output_tokens,
								duration = t.duration + excluded.duration`,
							{ ...row, duration: Math.round(duration) },
						);
					await writer.all(
						`DELETE FROM {s}.traffic WHERE day < (
							SELECT min(day) FROM (SELECT DISTINCT day FROM {s}.traffic ORDER BY day DESC LIMIT ${daysKept}) kept)`,
					);
				},
				["traffic"],
			),
		since: (day) =>
			database.all<DayTraffic>(
				`SELECT day, role, host, requests, errors, input_tokens AS "inputTokens", output_tokens AS "outputTokens", duration
				FROM {s}.traffic WHERE day >= :day ORDER BY day DESC, role, host`,
				{ day },
			),
		take: (server, most, window) =>
			database.write(
				async (writer) => {
					const now = await writer.number("SELECT {s}.now_ms() AS n");
					// Where the clock was set back, a start counts from now on.
					await writer.all("UPDATE {s}.request_starts SET at = :now WHERE at > :now AND server = :server", {
						now,
						server,
					});
					await writer.all("DELETE FROM {s}.request_starts WHERE at <= :over AND server = :server", {
						over: now - window,
						server,
					});
					const last = await writer.get<{ at: number }>(
						"SELECT at FROM {s}.request_starts WHERE server = :server ORDER BY at DESC LIMIT 1 OFFSET :others::int",
						{ server, others: most - 1 },
					);
					if (last) return last.at + window - now;
					await writer.all("INSERT INTO {s}.request_starts VALUES (:server, :now)", { server, now });
					return 0;
				},
				[`requests ${server}`],
			),
	};
}
