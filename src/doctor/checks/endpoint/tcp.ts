import { howToStart } from "../../../endpoints/openai/families.ts";
import { type Check, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import type { Target } from "../../target.ts";

export const tcp: Check<Target> = {
	stage: "tcp",
	title: "Server accepts connections",
	run: async (target) => {
		const { host, openUrl } = target;
		const list = await target.list();
		if (!failed(list) || list.phase !== "tcp") return ok(`${host} accepts connections.`);
		target.record("GET", list);
		if (list.code === "ECONNREFUSED")
			return failure(
				`Nothing listens at ${host}.`,
				"The server is not running, or listens on another port or address.",
				[advice(howToStart(target.endpoint.baseUrl)), openUrl],
			);
		return failure(
			list.code === "TIMEOUT"
				? `${host} did not accept a connection within ${target.run.deadline / 1000} s.`
				: `${host} cannot be reached (${list.code}).`,
			"The machine is off or in another network, or a firewall drops the connection.",
			[advice("Check the network, the VPN and the firewall"), openUrl],
		);
	},
};
