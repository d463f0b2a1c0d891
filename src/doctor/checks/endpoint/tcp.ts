import { type Check, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import type { ServerTarget } from "../../serverTarget.ts";

export const tcp: Check<ServerTarget> = {
	stage: "tcp",
	title: "Connection",
	applies: ({ way }) => way?.kind !== "proxy",
	run: async (target) => {
		const { host, openUrl, start, usualPort } = target;
		const first = await target.first();
		if (!failed(first) || first.phase !== "tcp") return ok(`${host} accepts connections.`);
		target.recordFirst(first);
		if (first.code === "ECONNREFUSED") {
			const { port } = new URL(target.endpoint.baseUrl);
			const usual = port === "" ? ` The URL names no port; ${usualPort}.` : "";
			const cause = `The server is not running, or listens on another port or address.${usual}`;
			return failure(`Nothing listens at ${host}.`, cause, [start, openUrl]);
		}
		const seen =
			first.code === "TIMEOUT"
				? `${host} did not accept a connection within ${target.run.deadline / 1000} s.`
				: `${host} cannot be reached (${first.code}).`;
		const cause = "The machine is off or in another network, or a firewall drops the connection.";
		return failure(seen, cause, [advice("Check the network, the VPN and the firewall"), openUrl]);
	},
};
