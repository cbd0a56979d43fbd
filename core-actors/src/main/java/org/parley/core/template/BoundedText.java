package org.parley.core.template;

import java.io.Writer;

/** Collects one part of a message and stops with {@link TemplateTooLarge} at its limit. */
final class BoundedText extends Writer {
  private final String part;
  private final int maxChars;
  private final StringBuilder text;

  BoundedText(String part, int maxChars, int expectedChars) {
    this.part = part;
    this.maxChars = maxChars;
    this.text = new StringBuilder(expectedChars);
  }

  @Override
  public Writer append(CharSequence chars) {
    ensureRoom(chars.length());
    text.append(chars);
    return this;
  }

  @Override
  public void write(char[] chars, int offset, int length) {
    ensureRoom(length);
    text.append(chars, offset, length);
  }

  private void ensureRoom(int more) {
    if (more > maxChars - text.length()) throw new TemplateTooLarge(part, maxChars);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  @Override
  public String toString() {
    return text.toString();
  }
}
