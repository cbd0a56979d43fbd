package org.parley.core.audience;

import java.util.List;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;

/** Refuses a file as a whole. */
final class Faults {
  /** The code of the refusal. */
  static final String CODE = "audienceFile";

  private Faults() {}

  static RefusedException file(String sentence) {
    return new RefusedException(Refusal.invalid(CODE, sentence, List.of()));
  }
}
