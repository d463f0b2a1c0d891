import { howToStart } from "../../../endpoints/openai/families.ts";
import { type Check, failure, ok } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { failed } from "../../probe.ts";
import type { Target } from "../../target.ts";

export const tcp: Check<Target> = {
	stage: "tcp",
	title: "Connection",
	applies: ({ way }) => way?.kind !== "proxy",
	run: async (target) => {
		const { host, openUrl } = target;
		const list = await target.list();
		if (!failed(list) || list.phase !== "tcp") return ok(`${host} accepts connections.`);
		target.record("GET", list);
		if (list.code === "ECONNREFUSED") {
			const { port } = new URL(target.endpoint.baseUrl);
			const usual = port === "" ? " The URL names no port; most model servers have one of their own." : "";
			const cause = `The server is not running, or listens on another port or address.${usual}`;
			const start = advice(howToStart(target.endpoint.baseUrl));
			return failure(`Nothing listens at ${host}.`, cause, [start, openUrl]);
		}
		const seen =
			list.code === "TIMEOUT"
				? `${host} did not accept a connection within ${target.run.deadline / 1000} s.`
				: `${host} cannot be reached (${list.code}).`;
		const cause = "The machine is off or in another network, or a firewall drops the connection.";
		return failure(seen, cause, [advice("Check the network, the VPN and the firewall"), openUrl]);
	},
};
