package org.parley.core.template;

/** Says what is wrong in a template's source, and at which line and column. */
final class TemplateFault extends Exception {
  private static final long serialVersionUID = 1L;

  TemplateFault(int line, int column, String detail) {
    super("line " + line + ", column " + column + ": " + detail, null, false, false);
  }
}
