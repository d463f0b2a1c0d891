import { isIP } from "node:net";
import { type HostName, parseHost } from "../../config/hosts.ts";

/** Ports that a client leaves out of its Host header. */
const defaultPorts = ["80", "443"];

/**
 * Whether a Host header names this server. IP addresses always do: a web page can have another name lead here (DNS
 * rebinding), but not an address.
 */
export function hostCheck(allowed: readonly HostName[]): (header: string | undefined) => boolean {
	return (header = "") => {
		const given = parseHost(header);
		if (!given) return false;
		return (
			isIP(given.name) !== 0 ||
			allowed.some(
				({ name, port }) =>
					(name.startsWith("*.") ? given.name.endsWith(name.slice(1)) : given.name === name) &&
					(port === undefined ||
						(given.port === undefined ? defaultPorts.includes(port) : given.port === port)),
			)
		);
	};
}
