package org.parley.agents.phone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Speaks texts by a command of the operator's, such as {@code espeak-ng --stdout}. The text goes
 * over the command's input, never through a shell. At most so many processes run, and at most 1000
 * texts wait.
 */
final class Speech implements AutoCloseable {
  private static final int MAX_WAITING = 1000;
  private static final long MAX_OCTETS = 64L << 20;

  private final PhoneSettings settings;
  private final ThreadPoolExecutor threads;

  Speech(PhoneSettings settings) {
    this.settings = settings;
    this.threads =
        new ThreadPoolExecutor(
            settings.speechProcesses(),
            settings.speechProcesses(),
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "parley-speech");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** The spoken text as a WAV file; fails with a {@link PromptTrouble}. */
  CompletionStage<byte[]> speak(String text) {
    if (settings.speech().isEmpty()) {
      return failed("a text is to be spoken and parley.phone.speech.command is not set");
    }
    try {
      return CompletableFuture.supplyAsync(() -> run(text), threads);
    } catch (RejectedExecutionException e) {
      return failed("too many texts wait to be spoken");
    }
  }

  private static CompletionStage<byte[]> failed(String sentence) {
    return CompletableFuture.failedFuture(PromptTrouble.speechFailed(sentence));
  }

  private byte[] run(String text) {
    try {
      Path input = Files.createTempFile("parley-speech", ".txt");
      Path output = Files.createTempFile("parley-speech", ".wav");
      try {
        Files.writeString(input, text, StandardCharsets.UTF_8);
        return run(input, output);
      } finally {
        Files.deleteIfExists(input);
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw PromptTrouble.speechFailed(
          "the speech command cannot be run (" + e.getClass().getSimpleName() + ')');
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PromptTrouble.speechFailed("the node goes down");
    }
  }

  private byte[] run(Path input, Path output) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(settings.speech())
            .redirectInput(input.toFile())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(settings.speechTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw PromptTrouble.speechFailed(
            "the speech command took longer than " + settings.speechTimeout());
      }
      if (process.exitValue() != 0) {
        throw PromptTrouble.speechFailed(
            "the speech command ended with status " + process.exitValue());
      }
      if (Files.size(output) > MAX_OCTETS) {
        throw PromptTrouble.speechFailed("the speech command wrote more than 64 MiB");
      }
      return Files.readAllBytes(output);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
