package org.parley.persistence.postgres;

import java.io.IOException;

/** The fault lies in the directory, not in PostgreSQL: another one would do. */
public final class DirectoryUnusable extends IOException {
  private static final long serialVersionUID = 1L;

  DirectoryUnusable(String sentence) {
    super(sentence);
  }

  DirectoryUnusable(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
