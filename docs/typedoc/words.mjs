/** @file Pieces of text that pages of the API share. */

/** The first sentence of a text: points in code and in links do not end it. */
export function firstSentence(text) {
  const plain = text.replace(/\s+/g, " ").trim();
  const [sentence] = /^(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|[^`])*?\.(?=\s|$)/u.exec(plain) ?? [plain];
  return sentence.replace(/[:,]$/, ".");
}

const commentOf = (model) =>
  model.comment?.summary?.length ? model.comment : model.signatures?.[0]?.comment;

/** What a name is, in one sentence of Markdown. */
export function sentenceOf(context, model) {
  const comment = commentOf(model);
  if (!comment?.summary?.length) return "";
  return firstSentence(context.helpers.getCommentParts(comment.summary).split(/\n\s*\n/)[0]);
}

/** The line that imports a name. It is no program of its own. */
export const importLine = (name, from, type) =>
  `\`\`\`ts no-run\nimport ${type ? "type " : ""}{ ${name} } from "${from}";\n\`\`\``;

/** A cell of a table. */
export const cell = (text) => text.replace(/\|(?<!\\\|)/g, "\\|").replace(/\n/g, " ");
