import { explainRefusedKey, refusesKey } from "../../explain/refusedKey.ts";
import { type Check, ok } from "../../findings.ts";
import type { Target } from "../../target.ts";

export const auth: Check<Target> = {
	stage: "auth",
	title: "Key is accepted",
	run: (target) => {
		const [list] = target.answers;
		const refused = target.answers.find(refusesKey);
		if (refused) {
			const method = refused === list ? "GET" : "POST";
			target.record(method, refused);
			return explainRefusedKey(target, refused, method);
		}
		return ok(
			target.endpoint.apiKey === undefined
				? "No key is sent, and the server does not ask for one."
				: "The server accepts the key, or does not ask for one.",
		);
	},
};
