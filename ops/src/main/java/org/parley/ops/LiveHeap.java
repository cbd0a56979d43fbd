package org.parley.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of a JVM's heap that are in use when all garbage has gone, as {@code jcmd} counts them.
 *
 * @param java the java beside which jcmd lies, in a JDK
 */
record LiveHeap(Path java) {
  /** The last line of a class histogram: instances and bytes. */
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+(\\d+)\\s+(\\d+)\\s*$");

  /** Collects a process's garbage and counts what is left. */
  long bytes(long pid) {
    Path jcmd = java.resolveSibling("jcmd");
    if (!Files.isExecutable(jcmd)) {
      throw CommandFailure.failed(
          "there is no " + jcmd + ": this needs a JDK and not only a runtime; see JAVA_HOME.");
    }
    try {
      // The histogram begins with a full collection. A second one finds what the first has only
      // handed to finalizers and reference queues.
      String unused = run(jcmd, pid);
      String histogram = run(jcmd, pid);
      return total(histogram)
          .orElseThrow(() -> CommandFailure.failed("jcmd gave no histogram: " + histogram.strip()));
    } catch (IOException e) {
      throw CommandFailure.failed("cannot run " + jcmd + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }

  static Optional<Long> total(String histogram) {
    Matcher total = TOTAL.matcher(histogram);
    return total.find() ? Optional.of(Long.valueOf(total.group(2))) : Optional.empty();
  }

  private static String run(Path jcmd, long pid) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    return status == 0 ? said : "";
  }
}
