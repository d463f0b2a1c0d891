import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { toHtml } from "../../doctor/output/html.ts";
import { changes, counts, toMarkdown, verdict } from "../../doctor/output/text.ts";
import { type Finding, type FindingRole, type Report, worstOf } from "../../doctor/report.ts";
import { affectedRoles, merged } from "../../doctor/rerun.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Deps } from "../deps.ts";
import { runForUser } from "../runForUser.ts";
import { settingsEnvironment } from "../settings/vscodeSettings.ts";
import { applyFix, savedSettings } from "./applyFix.ts";
import { examineHere } from "./examination.ts";

const kinds = {
	connection: {
		title: "Testing the connection",
		name: "Connection",
		roles: ["configuration", "llm", "embedding"],
	},
	model: { title: "Testing the language model", name: "Model", roles: ["configuration", "llm"] },
	embeddings: { title: "Testing embeddings", name: "Embeddings", roles: ["configuration", "embedding"] },
	all: {
		title: "Running all diagnostics",
		name: "Diagnostics",
		roles: ["configuration", "llm", "embedding", "storage", "mcp"],
	},
} as const satisfies Readonly<Record<string, { title: string; name: string; roles: readonly FindingRole[] }>>;

export type Kind = keyof typeof kinds;

/** Runs the checks for a person, shows the report, and applies the fixes they choose in it. */
export class Diagnostics implements vscode.Disposable {
	readonly #deps: Deps;
	#panel: vscode.WebviewPanel | undefined;
	#report: Report | undefined;
	#kind: Kind = "all";

	constructor(deps: Deps) {
		this.#deps = deps;
	}

	async run(kind: Kind): Promise<void> {
		await runForUser(this.#deps, async () => {
			this.#kind = kind;
			const report = await this.#examine(kind, kinds[kind].roles);
			this.#report = report;
			if (kind === "all" || this.#panel) this.#show(report, []);
			if (kind !== "all") void this.#tell(kind, report);
		});
	}

	/** Called by the report's links. */
	async applyFix(id: string, index: number): Promise<void> {
		const finding = this.#report?.findings.find((each) => each.id === id);
		const fix = finding?.fixes[index];
		if (!finding || !fix) return;
		await runForUser(this.#deps, async () => {
			const { context } = this.#deps;
			if (!(await applyFix(context, fix, savedSettings(context)))) return;
			const before = this.#report;
			const roles = affectedRoles(fix, finding).filter((role) =>
				(kinds[this.#kind].roles as readonly FindingRole[]).includes(role),
			);
			const now = await this.#examine(this.#kind, roles);
			if (!before || now.cancelled) return;
			this.#report = merged(before, now, roles);
			this.#show(this.#report, changes(before, this.#report));
		});
	}

	async copy(): Promise<void> {
		if (!this.#report) return;
		await vscode.env.clipboard.writeText(toMarkdown(this.#report, settingsEnvironment().DEFAULT_USER_ID));
		void vscode.window.showInformationMessage(
			"The report was copied, without keys, user name and home folder.",
		);
	}

	dispose(): void {
		this.#panel?.dispose();
	}

	#examine(kind: Kind, roles: readonly FindingRole[]): Promise<Report> {
		const { title } = kinds[kind];
		return Promise.resolve(
			vscode.window.withProgress(
				{ location: vscode.ProgressLocation.Notification, title, cancellable: true },
				async (progress, token) => {
					const stop = new AbortController();
					token.onCancellationRequested(() => stop.abort(new Error("cancelled")));
					return examineHere(this.#deps, {
						roles,
						depth: kind === "connection" ? "connection" : "full",
						signal: stop.signal,
						onFinding: ({ title: checked }: Finding) => progress.report({ message: inSettings(checked) }),
					});
				},
			),
		);
	}

	/** One sentence and the best fix. */
	async #tell(kind: Kind, report: Report): Promise<void> {
		const { name } = kinds[kind];
		const worst = worstOf(report.findings);
		const finding = report.findings.find(({ status }) => status === worst);
		const fix = worst === "ok" ? undefined : finding?.fixes.find((each) => each.kind !== "advice");
		const label = fix && inSettings(fix.label);
		const buttons = [...(label ? [label] : []), "Show Report"];
		const said = `${name}: ${inSettings(verdict(report))}`;
		const chosen =
			worst === "failed"
				? await vscode.window.showErrorMessage(said, ...buttons)
				: worst === "warning"
					? await vscode.window.showWarningMessage(said, ...buttons)
					: await vscode.window.showInformationMessage(`${said} ${counts(report.findings)}.`, ...buttons);
		if (chosen === "Show Report") this.#show(report, []);
		else if (chosen !== undefined && finding && fix) {
			this.#show(report, []);
			await this.applyFix(finding.id, finding.fixes.indexOf(fix));
		}
	}

	#show(report: Report, changed: readonly string[]): void {
		// If the report is already open, the focus stays where it is.
		const preserveFocus = this.#panel !== undefined;
		if (!this.#panel) {
			this.#panel = vscode.window.createWebviewPanel(
				"mcpMem0.report",
				"Mem0 Diagnostics",
				vscode.ViewColumn.Active,
				{
					enableCommandUris: ["mcpMem0.applyFix", "mcpMem0.copyReport", "mcpMem0.runDiagnostics"],
					localResourceRoots: [],
				},
			);
			this.#panel.iconPath = new vscode.ThemeIcon("pulse");
			this.#panel.onDidDispose(() => {
				this.#panel = undefined;
			});
		}
		const nonce = randomBytes(16).toString("hex");
		this.#panel.webview.html = toHtml(report, { worded: inSettings, changes: changed, nonce });
		this.#panel.reveal(undefined, preserveFocus);
	}
}
