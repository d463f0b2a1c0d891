import { connect, type PeerCertificate } from "node:tls";
import type { CheckResult } from "../findings.ts";
import { type Failure, failed, send } from "../probe.ts";
import type { Fix } from "../report.ts";
import type { Target } from "../target.ts";

/** Why there is no answer at all, and at which stage. */
export interface Unreached {
	readonly stage: "dns" | "tcp" | "tls" | "path";
	readonly draft: CheckResult;
}

/** Ports and what usually listens there, for who has forgotten to start it. */
const usual: Readonly<Record<string, string>> = {
	"11434": "Start Ollama: ollama serve",
	"1234": "Start the server of LM Studio: lms server start",
	"8080": "Start the server, e.g. llama.cpp: llama-server -m MODEL.gguf",
	"8000": "Start the server, e.g. vLLM: vllm serve MODEL",
	"4000": "Start the proxy, e.g. LiteLLM: litellm --config config.yaml",
};

/** What a request that got no answer tells. Asks further where the first failure leaves two causes open. */
export async function explainFailure(target: Target, failure: Failure, evidence: string): Promise<Unreached> {
	const { phase, code } = failure;
	const found = (
		stage: Unreached["stage"],
		seen: string,
		cause: string,
		fixes: readonly Fix[],
	): Unreached => ({
		stage,
		draft: { status: "failed", seen, cause, fixes, evidence: [evidence] },
	});
	const { hostname, port, protocol } = new URL(target.endpoint.baseUrl);
	const seconds = `${(target.run.deadline / 1000).toLocaleString("en")} s`;
	const { openUrl } = target;

	if (phase === "dns")
		return code === "TIMEOUT"
			? found(
					"dns",
					`The name ${hostname} was not looked up within ${seconds}.`,
					"The name server does not answer.",
					[advice("Check the network, or VPN, you are in"), openUrl],
				)
			: found(
					"dns",
					`No host is called ${hostname} (${code}).`,
					"The name is misspelt, or known in another network only.",
					[openUrl, advice("Check the network, or VPN, you are in")],
				);

	if (phase === "tcp") {
		if (code === "ECONNREFUSED") {
			const start = usual[port];
			return found(
				"tcp",
				`Nothing listens at ${target.host}.`,
				"The server is not running, or listens on another port or address.",
				[...(start ? [advice(start)] : [advice(`Start the server at ${target.host}`)]), openUrl],
			);
		}
		return found(
			"tcp",
			code === "TIMEOUT"
				? `${target.host} did not accept a connection within ${seconds}.`
				: `${target.host} cannot be reached (${code}).`,
			"The machine is off or in another network, or a firewall drops the connection.",
			[advice("Check the network, the VPN and the firewall"), openUrl],
		);
	}
	if (phase === "tls") return explainTls(target, failure, found);

	if (code === "TIMEOUT")
		return found(
			"path",
			phase === "body"
				? `${target.host} began to answer, and did not end within ${seconds}.`
				: `${target.host} accepted the connection, and did not answer within ${seconds}.`,
			"The server hangs or is overloaded, or something else than a web server listens there.",
			[advice("Look into the server's own log, and restart it"), openUrl],
		);
	if (protocol === "http:" && phase === "answer" && (await speaksTls(target)))
		return found(
			"path",
			`${target.host} broke off the connection (${code}).`,
			"The server speaks https, and the URL says http.",
			[target.setUrl(target.endpoint.baseUrl.replace(/^http:/, "https:"), "Use https")],
		);
	const noHttp = code.startsWith("HPE_");
	return found(
		"path",
		noHttp
			? `What listens at ${target.host} does not speak HTTP (${code}).`
			: `${target.host} broke off the connection ${phase === "body" ? "within the answer" : "without an answer"} (${code}).`,
		noHttp
			? "Another program has the port."
			: "The server crashed, or something between it and this machine cut the connection.",
		noHttp ? [openUrl] : [advice("Look into the server's own log"), openUrl],
	);
}

async function explainTls(
	target: Target,
	{ code, message }: Failure,
	found: (stage: "tls", seen: string, cause: string, fixes: readonly Fix[]) => Unreached,
): Promise<Unreached> {
	const { baseUrl } = target.endpoint;
	const { hostname, port } = new URL(baseUrl);
	if (/EPROTO|SSL|WRONG_VERSION|PACKET_LENGTH|ECONNRESET|TIMEOUT/.test(code)) {
		const plain = baseUrl.replace(/^https:/, "http:");
		const answer = await send({
			method: "GET",
			url: plain,
			headers: {},
			deadline: Math.min(target.run.deadline, 3000),
			signal: target.run.signal,
		});
		if (!failed(answer))
			return found(
				"tls",
				`${target.host} does not speak TLS (${code}).`,
				"The server speaks http, and the URL says https.",
				[target.setUrl(plain, "Use http")],
			);
		return found(
			"tls",
			`No TLS connection to ${target.host} came about (${code}).`,
			"The server speaks no TLS, or none that is still accepted.",
			[advice("Look into the server's own log"), target.openUrl],
		);
	}
	const certificate = await peerCertificate(target);
	const names = namesIn(certificate);
	const trust = advice(
		"Start with NODE_EXTRA_CA_CERTS naming the file of the certificate's authority, or mend the server's certificate",
	);
	if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
		const early = code === "CERT_NOT_YET_VALID";
		return found(
			"tls",
			`The certificate of ${target.host} ${early ? "is valid only from" : "expired on"} ${(early ? certificate?.valid_from : certificate?.valid_to) ?? "an unknown date"}.`,
			early ? "The server's or this machine's clock is wrong." : "The server's certificate was not renewed.",
			[advice(early ? "Check the clocks of both machines" : "Renew the server's certificate")],
		);
	}
	if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
		const usable = names.filter((name) => !name.includes("*"));
		return found(
			"tls",
			`The certificate of ${target.host} is for ${names.join(", ") || "another host"}.`,
			`The URL names the server ${hostname}, and its certificate does not.`,
			[
				...usable
					.slice(0, 2)
					.map((name) => target.setUrl(withHost(baseUrl, name, port), `Use the name ${name}`)),
				target.openUrl,
			],
		);
	}
	if (code === "DEPTH_ZERO_SELF_SIGNED_CERT")
		return found(
			"tls",
			`The certificate of ${target.host} is self-signed.`,
			"Nobody this machine trusts vouches for the server.",
			[trust],
		);
	return found(
		"tls",
		`The certificate of ${target.host} is not trusted (${code}: ${message}).`,
		`Its authority${certificate?.issuer?.CN ? `, ${String(certificate.issuer.CN)},` : ""} is not known to this machine, as those of companies are.`,
		[trust],
	);
}

function advice(label: string): Fix {
	return { kind: "advice", label };
}

function withHost(baseUrl: string, name: string, port: string): string {
	const url = new URL(baseUrl);
	return `https://${name}${port ? `:${port}` : ""}${url.pathname}`.replace(/\/$/, "");
}

/** The names in a certificate, addresses included. */
function namesIn(certificate: PeerCertificate | undefined): string[] {
	const listed = certificate?.subjectaltname
		?.split(", ")
		.map((entry) => entry.replace(/^(DNS|IP Address):/, ""));
	const common = certificate?.subject?.CN;
	return listed ?? (typeof common === "string" ? [common] : []);
}

/** The server's certificate, whatever it is worth. Nothing is sent over the connection. */
function peerCertificate(target: Target): Promise<PeerCertificate | undefined> {
	return handshake(target, (socket) => socket.getPeerCertificate());
}

async function speaksTls(target: Target): Promise<boolean> {
	return (await handshake(target, () => true)) ?? false;
}

function handshake<T>(
	{ endpoint, run }: Target,
	look: (socket: ReturnType<typeof connect>) => T,
): Promise<T | undefined> {
	const { hostname, port } = new URL(endpoint.baseUrl);
	const host = hostname.replace(/^\[|\]$/g, "");
	return new Promise((resolve) => {
		const socket = connect({
			host,
			port: Number(port || 443),
			...(/[a-z]/i.test(host) && !host.includes(":") ? { servername: host } : {}),
			// Only to look at the certificate; no request goes over this connection.
			rejectUnauthorized: false,
		});
		const end = (value: T | undefined) => {
			clearTimeout(timer);
			socket.destroy();
			resolve(value);
		};
		const timer = setTimeout(() => end(undefined), Math.min(run.deadline, 3000));
		socket.once("secureConnect", () => end(look(socket)));
		socket.once("error", () => end(undefined));
	});
}
