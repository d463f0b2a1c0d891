/** Trees in views, with foreign text inert in them: what `ui.ts` is for messages and lists. */
import * as vscode from "vscode";
import { inLabel, inNotification, oneLine, plain } from "../text/inert.ts";

export interface TreeRow {
	/** The same as long as the row is there: VS Code keeps selection and expansion by it. */
	readonly id: string;
	readonly icon?: string;
	readonly label: string;
	readonly description?: string;
	/** What menus call its kind. */
	readonly context: string;
	readonly children: "none" | "collapsed" | "expanded";
	/** For a screen reader. */
	readonly said?: string;
	readonly command?: { readonly id: string; readonly title: string; readonly arguments: readonly unknown[] };
}

export interface TreeContent<T> {
	readonly children: (node?: T) => Promise<readonly T[]>;
	readonly parent: (node: T) => T | undefined;
	readonly row: (node: T) => TreeRow;
	/** The lines of the hover; read when it is about to be shown. */
	readonly hover: (node: T) => string | undefined;
}

/** A tree in a view of the manifest. `changed` has it read again what it shows. */
export function createTree<T>(id: string, content: TreeContent<T>) {
	const change = new vscode.EventEmitter<void>();
	const view = vscode.window.createTreeView<T>(id, {
		canSelectMany: true,
		showCollapseAll: true,
		treeDataProvider: {
			onDidChangeTreeData: change.event,
			getChildren: async (node) => [...(await content.children(node))],
			getParent: (node) => content.parent(node),
			getTreeItem: (node) => treeItem(content.row(node)),
			resolveTreeItem: (item, node) => {
				const text = content.hover(node);
				// A string, and not Markdown: VS Code shows it as it is.
				if (text !== undefined) item.tooltip = plain(text);
				return item;
			},
		},
	});
	return {
		view: view as Omit<vscode.TreeView<T>, "message" | "badge" | "title" | "description">,
		changed: () => change.fire(),
		/** Above the rows. */
		showMessage: (message: string | undefined) => {
			view.message = message === undefined ? "" : inNotification(message);
		},
		/** On the icon in the Activity Bar; 0 shows none. */
		showBadge: (value: number, tooltip: string) => {
			view.badge = value === 0 ? undefined : { value, tooltip: oneLine(tooltip) };
		},
		dispose: () => vscode.Disposable.from(view, change).dispose(),
	};
}

const collapsible = {
	none: vscode.TreeItemCollapsibleState.None,
	collapsed: vscode.TreeItemCollapsibleState.Collapsed,
	expanded: vscode.TreeItemCollapsibleState.Expanded,
} as const;

function treeItem({
	id,
	icon,
	label,
	description,
	context,
	children,
	said,
	command,
}: TreeRow): vscode.TreeItem {
	const item = new vscode.TreeItem(inLabel(label), collapsible[children]);
	item.id = id;
	item.contextValue = context;
	if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
	if (description !== undefined) item.description = inLabel(description);
	if (said !== undefined) item.accessibilityInformation = { label: oneLine(said) };
	if (command)
		item.command = { command: command.id, title: command.title, arguments: [...command.arguments] };
	return item;
}
