package org.parley.core.template;

/**
 * Says that a message became larger than a carrier should get once a customer's values were in it.
 * The template itself was within its limit; the values were not foreseen.
 */
public final class TemplateTooLarge extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TemplateTooLarge(String part, int maxChars) {
    super("the " + part + " became longer than " + maxChars + " characters", null, false, false);
  }
}
