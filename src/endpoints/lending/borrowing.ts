import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EndpointRole } from "../../config/endpoints.ts";
import { EndpointError } from "../endpointError.ts";
import {
	errorOf,
	type Failed,
	type LenderFile,
	lenderFilePattern,
	longestMessage,
	type NotLent,
} from "./protocol.ts";

/**
 * Asks the lenders on this database, one after the other, until one has the model.
 * @throws EndpointError `unavailable` if none has it, or what the lender met; the signal's reason when aborted.
 */
export async function askLenders<Answer extends object>(
	folder: string,
	role: EndpointRole,
	body: object,
	signal: AbortSignal | undefined,
): Promise<Answer> {
	for (const lender of await lendersIn(folder)) {
		const answer = await post<Answer | NotLent | Failed>(lender, role, body, signal);
		if (answer === undefined || "notLent" in answer) continue;
		if ("failed" in answer) throw errorOf(answer);
		return answer;
	}
	throw new EndpointError(
		"unavailable",
		"is asked by VS Code, which has its key, and no window with this configuration is open",
		"Open one; what waits for it is done then.",
		{ role, url: "" },
	);
}

async function lendersIn(folder: string): Promise<LenderFile[]> {
	const names = await readdir(folder).catch(() => []);
	const files = names.filter((name) => lenderFilePattern.test(name)).map((name) => join(folder, name));
	const read = await Promise.all(
		files.map(async (file) => {
			try {
				return JSON.parse(await readFile(file, "utf8")) as LenderFile;
			} catch {
				// It is gone, or not whole.
				return undefined;
			}
		}),
	);
	return read.filter((each) => each !== undefined);
}

/** Undefined if nobody is there: a process that was killed leaves its file behind. */
async function post<Answer>(
	{ socket, secret }: LenderFile,
	role: EndpointRole,
	body: object,
	signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
	// Node loads far more with it than itself, which a process that borrows nothing does not wait for.
	const { request: httpRequest } = await import("node:http");
	signal?.throwIfAborted();
	return new Promise((resolve, reject) => {
		const leave = () => (signal?.aborted ? reject(signal.reason) : resolve(undefined));
		const request = httpRequest(
			{
				socketPath: socket,
				method: "POST",
				path: role === "chat" ? "/chat" : "/embed",
				headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
				...(signal ? { signal } : {}),
			},
			(response) => {
				const parts: Buffer[] = [];
				let length = 0;
				response.on("data", (part: Buffer) => {
					length += part.length;
					if (length > longestMessage) request.destroy(new Error("too long"));
					else parts.push(part);
				});
				response.once("error", leave);
				response.once("end", () => {
					try {
						const text = Buffer.concat(parts).toString("utf8");
						resolve(response.statusCode === 200 ? (JSON.parse(text) as Answer) : undefined);
					} catch {
						leave();
					}
				});
			},
		);
		request.once("error", leave);
		request.end(JSON.stringify(body));
	});
}
