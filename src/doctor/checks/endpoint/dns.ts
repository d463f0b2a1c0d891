import { type Check, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import type { ServerTarget } from "../../serverTarget.ts";

export const dns: Check<ServerTarget> = {
	stage: "dns",
	title: "Host name",
	// A proxy looks up the name itself.
	applies: ({ way }) => way?.kind !== "proxy",
	run: async (target) => {
		const first = await target.first();
		const { hostname } = new URL(target.endpoint.baseUrl);
		if (!failed(first) || first.phase !== "dns") {
			const addresses = [...new Set(first.addresses)].join(", ");
			return ok(addresses ? `${hostname} is ${addresses}.` : `${hostname} needs no look-up.`);
		}
		target.recordFirst(first);
		const checkNetwork = advice("Check your network or VPN");
		if (first.code === "TIMEOUT") {
			const seen = `The name ${hostname} was not found within ${target.run.deadline / 1000} s.`;
			return failure(seen, "The name server does not answer.", [checkNetwork, target.openUrl]);
		}
		const cause = "The name is misspelt, or known only in another network.";
		return failure(`No host is called ${hostname} (${first.code}).`, cause, [target.openUrl, checkNetwork]);
	},
};
