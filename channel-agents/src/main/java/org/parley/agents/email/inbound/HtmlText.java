package org.parley.agents.email.inbound;

import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/** The text of an answer in HTML, without what mail programs mark as quoted. */
final class HtmlText {
  private static final int MAX_CHARS = 262_144;
  private static final String QUOTED =
      "blockquote, .gmail_quote, .gmail_extra, .yahoo_quoted, .moz-cite-prefix, .protonmail_quote,"
          + " .tutanota_quote, .gmail_signature, .moz-signature, #Signature,"
          + " head, style, script, title, template";

  /** What Outlook writes before the mail that it quotes, which runs to the end. */
  private static final String QUOTED_FROM_HERE = "#appendonsend, #divRplyFwdMsg, #stopSpelling";

  private HtmlText() {}

  /** The text with its lines. */
  static String of(String html) {
    Document document =
        Jsoup.parse(html.length() <= MAX_CHARS ? html : html.substring(0, MAX_CHARS));
    document.select(QUOTED).remove();
    for (Element mark : document.select(QUOTED_FROM_HERE)) removeFrom(mark);
    StringBuilder out = new StringBuilder();
    document.traverse(new Writer(out));
    return out.toString();
  }

  private static void removeFrom(Element mark) {
    Node node = mark;
    while (node != null) {
      Node next = node.nextSibling();
      if (node.parent() != null) node.remove();
      node = next;
    }
  }

  /** Writes text with a line end where a reader sees one. */
  private record Writer(StringBuilder out) implements NodeVisitor {
    @Override
    public void head(Node node, int depth) {
      if (node instanceof TextNode text) {
        out.append(text.text().replace('\u00a0', ' '));
      } else if (node.nameIs("br") || node.nameIs("hr")) {
        out.append('\n');
      } else if (node instanceof Element element && element.isBlock()) {
        startLine();
      }
    }

    @Override
    public void tail(Node node, int depth) {
      if (node instanceof Element element && element.isBlock()) startLine();
    }

    private void startLine() {
      int length = out.length();
      if (length > 0 && out.charAt(length - 1) != '\n') out.append('\n');
    }
  }
}
