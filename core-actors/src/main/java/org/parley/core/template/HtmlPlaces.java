package org.parley.core.template;

import java.util.List;
import java.util.Locale;
import org.parley.core.api.Refusal;

/**
 * Finds variables in places of HTML where escaping does not make them safe: in scripts and styles,
 * in names, and in attribute values without quotes, which end at the first space of a value. A
 * variable is safe between tags and in a quoted attribute.
 *
 * <p>It reads the source once, from left to right, taking both sides of a section as following each
 * other. It keeps authors from mistakes; it is not a browser.
 */
final class HtmlPlaces {
  private static final int MAX_PROBLEMS = 20;

  private enum Place {
    TEXT,
    TAG_NAME,
    IN_TAG,
    ATTRIBUTE_NAME,
    BEFORE_VALUE,
    DOUBLE_QUOTED,
    SINGLE_QUOTED,
    UNQUOTED,
    RAW
  }

  private final String source;
  private final String pointer;
  private final List<Refusal.Problem> problems;
  private Place place = Place.TEXT;
  private String element = "";
  private String attribute = "";
  private int nameStart;
  private int found;

  private HtmlPlaces(String source, String pointer, List<Refusal.Problem> problems) {
    this.source = source;
    this.pointer = pointer;
    this.problems = problems;
  }

  static void check(String source, String pointer, List<Refusal.Problem> problems) {
    if (source.contains("{{")) new HtmlPlaces(source, pointer, problems).read();
  }

  private void read() {
    int at = 0;
    while (at < source.length() && found < MAX_PROBLEMS) {
      if (source.startsWith("{{", at)) {
        int end = source.indexOf("}}", at + 2);
        if (end < 0) return; // told by the check of the tags
        if (isVariable(at + 2)) judge(at);
        at = end + 2;
      } else if (place == Place.TEXT && source.startsWith("<!--", at)) {
        at = after("-->", at + 4);
      } else if (place == Place.RAW) {
        at = raw(at);
      } else {
        step(source.charAt(at), at);
        at++;
      }
    }
  }

  private boolean isVariable(int at) {
    int i = at;
    while (i < source.length() && source.charAt(i) <= ' ') i++;
    return i < source.length() && Character.isLetter(source.charAt(i));
  }

  private int after(String end, int from) {
    int at = source.indexOf(end, from);
    return at < 0 ? source.length() : at + end.length();
  }

  /** Stays in a script or style until its own closing tag. */
  private int raw(int at) {
    boolean closes = source.regionMatches(true, at, "</" + element, 0, element.length() + 2);
    if (!closes) return at + 1;
    place = Place.IN_TAG;
    int end = at + element.length() + 2;
    element = "";
    return end;
  }

  private void step(char c, int at) {
    switch (place) {
      case TEXT -> {
        if (c == '<' && opensTag(at)) {
          nameStart = at + 1;
          place = Place.TAG_NAME;
        }
      }
      case TAG_NAME -> {
        if (c == '>' || isSpace(c) || (c == '/' && at > nameStart)) {
          element = source.substring(nameStart, at).toLowerCase(Locale.ROOT);
          inTag(c, at);
        }
      }
      case IN_TAG -> inTag(c, at);
      case ATTRIBUTE_NAME -> {
        if (c == '=' || c == '>' || isSpace(c) || c == '/') {
          attribute = source.substring(nameStart, at).toLowerCase(Locale.ROOT);
          inTag(c, at);
        }
      }
      case BEFORE_VALUE -> {
        if (c == '"') place = Place.DOUBLE_QUOTED;
        else if (c == '\'') place = Place.SINGLE_QUOTED;
        else if (c == '>') inTag(c, at);
        else if (!isSpace(c)) place = Place.UNQUOTED;
      }
      case DOUBLE_QUOTED -> endValue(c == '"');
      case SINGLE_QUOTED -> endValue(c == '\'');
      case UNQUOTED -> {
        if (isSpace(c) || c == '>') inTag(c, at);
      }
      case RAW -> throw new AssertionError("raw text is read by raw()");
    }
  }

  private void inTag(char c, int at) {
    place = Place.IN_TAG;
    if (c == '>') {
      place = element.equals("script") || element.equals("style") ? Place.RAW : Place.TEXT;
    } else if (c == '=') {
      place = Place.BEFORE_VALUE;
    } else if (!isSpace(c) && c != '/') {
      nameStart = at;
      place = Place.ATTRIBUTE_NAME;
    }
  }

  private void endValue(boolean ends) {
    if (ends) place = Place.IN_TAG;
  }

  private boolean opensTag(int at) {
    int i = at + 1;
    if (i < source.length() && source.charAt(i) == '/') i++;
    return i < source.length() && Character.isLetter(source.charAt(i));
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
  }

  private void judge(int at) {
    switch (place) {
      case TEXT -> {}
      case DOUBLE_QUOTED, SINGLE_QUOTED -> {
        if (attribute.startsWith("on") || attribute.equals("style")) {
          refuse(at, "a variable may not stand in the attribute '" + attribute + "'");
        }
      }
      case BEFORE_VALUE, UNQUOTED -> {
        place = Place.UNQUOTED;
        refuse(at, "put quotes around the attribute's value, else a space in it ends it");
      }
      case RAW -> refuse(at, "a variable may not stand in <" + element + ">");
      case TAG_NAME, IN_TAG, ATTRIBUTE_NAME ->
          refuse(at, "a variable may stand between tags or in a quoted attribute, not here");
    }
  }

  private void refuse(int at, String detail) {
    found++;
    problems.add(
        new Refusal.Problem(pointer, String.valueOf(Tags.fault(source, at, detail).getMessage())));
  }
}
