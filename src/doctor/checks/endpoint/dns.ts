import { type Check, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import type { Target } from "../../target.ts";

export const dns: Check<Target> = {
	stage: "dns",
	title: "Host name",
	// A proxy looks up the name itself.
	applies: ({ way }) => way?.kind !== "proxy",
	run: async (target) => {
		const list = await target.list();
		const { hostname } = new URL(target.endpoint.baseUrl);
		if (!failed(list) || list.phase !== "dns") {
			const addresses = [...new Set(list.addresses)].join(", ");
			return ok(addresses ? `${hostname} is ${addresses}.` : `${hostname} needs no look-up.`);
		}
		target.record("GET", list);
		const checkNetwork = advice("Check your network or VPN");
		if (list.code === "TIMEOUT") {
			const seen = `The name ${hostname} was not found within ${target.run.deadline / 1000} s.`;
			return failure(seen, "The name server does not answer.", [checkNetwork, target.openUrl]);
		}
		const cause = "The name is misspelt, or known only in another network.";
		return failure(`No host is called ${hostname} (${list.code}).`, cause, [target.openUrl, checkNetwork]);
	},
};
