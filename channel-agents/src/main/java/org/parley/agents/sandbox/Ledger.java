package org.parley.agents.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * What the carrier took, one JSON object a line: the carrier's side of the truth. A line is written
 * before the message is acknowledged. Thread-safe.
 */
public final class Ledger implements AutoCloseable {
  private static final Set<StandardOpenOption> APPENDING =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

  private final FileChannel file;
  private final boolean fsync;

  public Ledger(Path path, boolean fsync) {
    this.fsync = fsync;
    try {
      this.file = FileChannel.open(path, APPENDING, ownerOnly(path));
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger " + path + " cannot be written", e);
    }
  }

  /** It holds addresses: where files have owners, it is its owner's only. */
  private static FileAttribute<?>[] ownerOnly(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Appends one line; when this returns a killed process does not lose it. */
  void append(SandboxMessage message) throws IOException {
    append(json(message));
  }

  /** Appends one line, whose end it brings; when this returns a killed process does not lose it. */
  public synchronized void append(String json) throws IOException {
    ByteBuffer line = ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) file.write(line);
    if (fsync) file.force(false);
  }

  private static String json(SandboxMessage message) {
    StringBuilder out = new StringBuilder(160).append("{\"at\":\"").append(message.at());
    out.append("\",\"begun\":\"").append(message.begun());
    out.append("\",\"attempt\":\"");
    escape(message.attemptId(), out);
    out.append("\",\"recipient\":\"");
    escape(message.recipient(), out);
    return out.append("\",\"size\":").append(message.size()).append("}\n").toString();
  }

  /** Writes a text as it stands between the quotes of JSON. */
  public static void escape(String text, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger cannot be closed", e);
    }
  }
}
