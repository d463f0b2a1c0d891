import type { PeerCertificate } from "node:tls";
import { type Check, type CheckResult, failure, ok } from "../../findings.ts";
import { advice, seeServerLog } from "../../fixes.ts";
import { type Failure, failed, handshake, send } from "../../probe.ts";
import type { Fix } from "../../report.ts";
import type { ServerTarget } from "../../serverTarget.ts";

const trust = advice(
	"Set NODE_EXTRA_CA_CERTS to the file of the authority's certificate, or fix the server's certificate",
);

export const tls: Check<ServerTarget> = {
	stage: "tls",
	title: "Encryption",
	applies: ({ endpoint }) => endpoint.baseUrl.startsWith("https:"),
	run: async (target) => {
		const first = await target.first();
		if (failed(first) && first.phase === "tls") return explain(target, first);
		return ok(`${first.protocol ?? "TLS"}, with a trusted certificate.`);
	},
};

async function explain(target: ServerTarget, error: Failure): Promise<CheckResult> {
	const { code, message } = error;
	const { host, openUrl, run } = target;
	const { baseUrl } = target.endpoint;
	target.recordFirst(error);
	if (/EPROTO|SSL|WRONG_VERSION|PACKET_LENGTH|ECONNRESET|TIMEOUT/.test(code)) {
		const plain = baseUrl.replace(/^https:/, "http:");
		const deadline = Math.min(run.deadline, 3000);
		const { network } = target.endpoint;
		const answer = await send({
			method: "GET",
			url: plain,
			headers: {},
			deadline,
			signal: run.signal,
			network,
		});
		if (!failed(answer)) {
			const cause = "The server speaks http, and the URL says https.";
			return failure(`${host} does not speak TLS (${code}).`, cause, [target.setUrl(plain, "Use http")]);
		}
		const cause = "The server does not speak TLS, or only a version that is too old.";
		return failure(`${host} did not set up a TLS connection (${code}).`, cause, [seeServerLog, openUrl]);
	}
	// Nothing is sent over this connection.
	const certificate = await handshake(target.endpoint, run.deadline, (socket) => socket.getPeerCertificate());
	const result = (seen: string, cause: string, ...fixes: readonly Fix[]) =>
		failure(`The certificate of ${host} is ${seen}.`, cause, fixes);
	switch (code) {
		case "CERT_HAS_EXPIRED": {
			const seen = `The certificate of ${host} expired on ${certificate?.valid_to ?? "an unknown date"}.`;
			const fix = advice("Renew the server's certificate");
			return failure(seen, "The server's certificate was not renewed.", [fix]);
		}
		case "CERT_NOT_YET_VALID":
			return result(
				`valid only from ${certificate?.valid_from ?? "an unknown date"}`,
				"The clock of the server or of this machine is wrong.",
				advice("Check the clocks of both machines"),
			);
		case "ERR_TLS_CERT_ALTNAME_INVALID": {
			const names = namesIn(certificate);
			const usable = names.filter((name) => !name.includes("*")).slice(0, 2);
			const cause = `The URL names the server ${new URL(baseUrl).hostname}, and its certificate does not.`;
			const fixes = usable.map((name) => target.setUrl(withHost(baseUrl, name), `Use the name ${name}`));
			return result(`for ${names.join(", ") || "another host"}`, cause, ...fixes, openUrl);
		}
		case "DEPTH_ZERO_SELF_SIGNED_CERT":
			return result("self-signed", "No authority that this machine trusts vouches for the server.", trust);
		default: {
			const issuer = certificate?.issuer?.CN;
			return result(
				`not trusted (${code}: ${message})`,
				`Its authority${issuer ? `, ${String(issuer)},` : ""} is not known to this machine. A company's own authority often is not.`,
				trust,
			);
		}
	}
}

function withHost(baseUrl: string, name: string): string {
	const { port, pathname } = new URL(baseUrl);
	return `https://${name}${port ? `:${port}` : ""}${pathname}`.replace(/\/$/, "");
}

/** The names in a certificate, addresses included. */
function namesIn(certificate: PeerCertificate | undefined): string[] {
	const listed = certificate?.subjectaltname
		?.split(", ")
		.map((entry) => entry.replace(/^(DNS|IP Address):/, ""));
	const common = certificate?.subject?.CN;
	return listed ?? (typeof common === "string" ? [common] : []);
}
