package org.parley.core.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the tags of a template's source and refuses all that Parley does not allow. It is stricter
 * than the Mustache engine behind it, which takes an unclosed tag for text, loads partials, and
 * lets a template change its own delimiters or switch escaping off.
 */
final class Tags {
  /** Sections within sections; each costs a stack frame or two when a message is rendered. */
  static final int MAX_DEPTH = 32;

  /**
   * A variable, or the opening of a section.
   *
   * @param at where its first brace stands in the source
   */
  record Tag(String name, int at) {}

  private final String source;
  private final List<Tag> found = new ArrayList<>();
  private final ArrayDeque<Tag> open = new ArrayDeque<>();

  private Tags(String source) {
    this.source = source;
  }

  /** The variables and sections of a source, in order; closing tags and comments are left out. */
  static List<Tag> of(String source) throws TemplateFault {
    return new Tags(source).read();
  }

  /** A fault at a place in the source. */
  static TemplateFault fault(String source, int at, String detail) {
    int line = 1;
    int lineStart = 0;
    for (int i = source.indexOf('\n'); i >= 0 && i < at; i = source.indexOf('\n', i + 1)) {
      line++;
      lineStart = i + 1;
    }
    return new TemplateFault(line, at - lineStart + 1, detail);
  }

  private List<Tag> read() throws TemplateFault {
    int at = source.indexOf("{{");
    while (at >= 0) {
      int end = source.indexOf("}}", at + 2);
      if (end < 0) throw fault(source, at, "a tag is opened with {{ and never closed");
      tag(at, source.substring(at + 2, end));
      at = source.indexOf("{{", end + 2);
    }
    Tag unclosed = open.peek();
    if (unclosed != null) {
      throw fault(source, unclosed.at, "the section {{#" + unclosed.name + "}} is never closed");
    }
    return found;
  }

  private void tag(int at, String content) throws TemplateFault {
    // A comment must start at the braces: with a space between, the engine takes it for text.
    if (content.startsWith("!")) return;
    String tag = content.trim();
    if (tag.isEmpty()) throw fault(source, at, "there is no name between the braces");
    switch (tag.charAt(0)) {
      case '#', '^' -> open(new Tag(name(at, tag.substring(1)), at));
      case '/' -> close(at, name(at, tag.substring(1)));
      case '{', '&' ->
          throw fault(
              source, at, "values are always escaped where they must be; write {{name}} instead");
      case '>', '<', '$' -> throw fault(source, at, "templates inside templates are not allowed");
      case '=' -> throw fault(source, at, "the braces cannot be changed");
      default -> found.add(new Tag(name(at, tag), at));
    }
  }

  private void open(Tag section) throws TemplateFault {
    if (open.size() == MAX_DEPTH) {
      throw fault(source, section.at, "more than " + MAX_DEPTH + " sections within each other");
    }
    found.add(section);
    open.push(section);
  }

  private void close(int at, String name) throws TemplateFault {
    Tag section = open.poll();
    if (section == null) {
      throw fault(source, at, "{{/" + name + "}} closes a section that was never opened");
    }
    if (!section.name.equals(name)) {
      throw fault(
          source, at, "{{/" + name + "}} stands where {{/" + section.name + "}} is expected");
    }
  }

  private String name(int at, String text) throws TemplateFault {
    String name = text.trim();
    if (Names.isName(name)) return name;
    throw fault(
        source,
        at,
        "'"
            + readable(name)
            + "' is not a name; a letter, then letters, digits and '_', at most "
            + Names.MAX_CHARS
            + " of them");
  }

  private static String readable(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return line.length() <= Names.MAX_CHARS ? line : line.substring(0, Names.MAX_CHARS) + "…";
  }
}
