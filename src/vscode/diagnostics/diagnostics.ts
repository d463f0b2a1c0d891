import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { toHtml } from "../../doctor/output/html.ts";
import { changes, counts, toMarkdown, verdict } from "../../doctor/output/text.ts";
import { type FindingRole, type Report, worstOf } from "../../doctor/report.ts";
import { affectedRoles, merged } from "../../doctor/rerun.ts";
import { inSettings } from "../../settings/settingNames.ts";
import type { Deps } from "../deps.ts";
import { runForUser, withProgress } from "../runForUser.ts";
import { settingsEnvironment } from "../settings/vscodeSettings.ts";
import { applyFix, savedSettings } from "./applyFix.ts";
import { examineHere } from "./examination.ts";

type Kind = "connection" | "model" | "embeddings" | "all";

const roles: Readonly<Record<Kind, readonly FindingRole[]>> = {
	connection: ["configuration", "chat", "embedding"],
	model: ["configuration", "chat"],
	embeddings: ["configuration", "embedding"],
	all: ["configuration", "chat", "embedding", "storage", "mcp"],
};

/** For the progress, and for the notification with the result. */
const names: Readonly<Record<Kind, readonly [title: string, name: string]>> = {
	connection: ["Testing the connection", "Connection"],
	model: ["Testing the language model", "Model"],
	embeddings: ["Testing embeddings", "Embeddings"],
	all: ["Running all diagnostics", "Diagnostics"],
};

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
			const report = await this.#examine(kind, roles[kind]);
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
			const affected = affectedRoles(fix, finding).filter((role) => roles[this.#kind].includes(role));
			const now = await this.#examine(this.#kind, affected);
			if (!before || now.cancelled) return;
			this.#report = merged(before, now, affected);
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

	#examine(kind: Kind, examined: readonly FindingRole[]): Thenable<Report> {
		return withProgress(names[kind][0], (progress, signal) =>
			examineHere(this.#deps, {
				roles: examined,
				depth: kind === "connection" ? "connection" : "full",
				signal,
				onFinding: (finding) => progress.report({ message: inSettings(finding.title) }),
			}),
		);
	}

	/** One sentence and the best fix. */
	async #tell(kind: Kind, report: Report): Promise<void> {
		const [, name] = names[kind];
		const worst = worstOf(report.findings);
		const finding = report.findings.find(({ status }) => status === worst);
		const fix = worst === "ok" ? undefined : finding?.fixes.find((each) => each.kind !== "advice");
		const label = fix && inSettings(fix.label);
		const buttons = [...(label ? [label] : []), "Show Report"];
		const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
		const show = { failed: showErrorMessage, warning: showWarningMessage, ok: showInformationMessage }[worst];
		const more = worst === "ok" ? ` ${counts(report.findings)}.` : "";
		const chosen = await show(`${name}: ${inSettings(verdict(report))}${more}`, ...buttons);
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
			const enableCommandUris = ["mcpMem0.applyFix", "mcpMem0.copyReport", "mcpMem0.runDiagnostics"];
			const options = { enableCommandUris, localResourceRoots: [] };
			const column = vscode.ViewColumn.Active;
			this.#panel = vscode.window.createWebviewPanel("mcpMem0.report", "Mem0 Diagnostics", column, options);
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
