package org.parley.agents.phone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * What calls play.
 *
 * @param prompts the directory of recordings
 * @param speech the command that reads a text from its input and writes a WAV file to its output;
 *     empty: none
 * @param speechTimeout for one text
 * @param speechProcesses how many at a time
 * @param cacheOctets how much coded sound is kept
 */
record PhoneSettings(
    Optional<Path> prompts,
    List<String> speech,
    Duration speechTimeout,
    int speechProcesses,
    int cacheOctets) {

  /** Reads {@code parley.phone}. */
  static PhoneSettings read(Checked config) {
    Optional<Path> prompts = config.file("prompts");
    prompts.ifPresent(
        path -> {
          if (!Files.isDirectory(path)) {
            throw config.bad("prompts", path.toString(), "a directory that exists, or nothing");
          }
        });
    Checked speech = config.part("speech");
    return new PhoneSettings(
        prompts,
        List.copyOf(speech.config().getStringList("command")),
        speech.time("timeout", Duration.ofMillis(100), Duration.ofMinutes(5)),
        speech.number("processes", 1, 64),
        config.number("cache-octets", 0, 1 << 30));
  }
}
