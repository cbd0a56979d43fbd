package org.parley.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Where the first API key of an installation is written, readable by its owner only. Parley itself
 * keeps only a hash of it.
 *
 * @param told the key, if it was made just now
 */
record ApiKeyFile(Path file, Optional<String> told) {

  /** Writes the key, if there is a first one to write. */
  static ApiKeyFile write(Path directory, CompletionStage<Optional<String>> first) {
    Path file = directory.resolve("api-key").toAbsolutePath().normalize();
    Optional<String> key = first.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    if (key.isEmpty()) return new ApiKeyFile(file, key);
    try {
      Files.deleteIfExists(file);
      boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
      if (posix) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(file, key.get() + System.lineSeparator(), StandardCharsets.UTF_8);
      return new ApiKeyFile(file, key);
    } catch (IOException e) {
      throw new NodeUnavailable(
          "the first API key cannot be written to " + file + " (" + e.getMessage() + ").", e);
    }
  }
}
