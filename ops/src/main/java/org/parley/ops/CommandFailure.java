package org.parley.ops;

import java.util.List;

/** Ends a command with one sentence for a person, perhaps with details below it, and a status. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** It did not work. */
  static final int FAILED = 1;

  /** The command line was wrong. */
  static final int USAGE = 2;

  /** No node answered. */
  static final int UNREACHABLE = 3;

  /** The node said no. */
  static final int REFUSED = 4;

  private final int status;
  private final transient List<String> details;

  private CommandFailure(int status, String sentence, List<String> details) {
    super(sentence, null, false, false);
    this.status = status;
    this.details = List.copyOf(details);
  }

  static CommandFailure failed(String sentence, String... details) {
    return new CommandFailure(FAILED, sentence, List.of(details));
  }

  static CommandFailure usage(String sentence) {
    return new CommandFailure(USAGE, sentence, List.of());
  }

  static CommandFailure unreachable(String sentence) {
    return new CommandFailure(UNREACHABLE, sentence, List.of());
  }

  static CommandFailure refused(String sentence, List<String> details) {
    return new CommandFailure(REFUSED, sentence, details);
  }

  int status() {
    return status;
  }

  List<String> details() {
    return details;
  }

  /** The sentence. */
  String sentence() {
    return String.valueOf(getMessage());
  }
}
