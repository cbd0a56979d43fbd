package org.parley.agents.phone;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.RenderedMessage;

/**
 * What a call plays: a recording, or the text spoken. What was coded once is kept, by the file's
 * name, time and size or by the text's hash, up to a bound; many calls that want the same wait for
 * one.
 */
final class Prompts implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
  private static final long MAX_FILE_OCTETS = 64L << 20;

  private final PhoneSettings settings;
  private final Executor blocking;
  private final Speech speech;
  private final AsyncCache<Object, Loaded> kept;

  /** A recording as it was when it was read. */
  private record Recording(String name, long modifiedMillis, long size) {}

  /** A text, by its hash. */
  private record Spoken(String sha256) {}

  /** What came of it: one of both. Trouble is not kept, only told to all that wait. */
  private record Loaded(@Nullable Prompt prompt, @Nullable PromptTrouble trouble) {
    static Loaded of(@Nullable Prompt prompt, @Nullable Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (cause == null) return new Loaded(prompt, null);
      if (cause instanceof PromptTrouble trouble) return new Loaded(null, trouble);
      return new Loaded(null, PromptTrouble.unusable("a " + cause.getClass().getSimpleName()));
    }

    int octets() {
      return prompt == null ? 0 : prompt.octets();
    }
  }

  /**
   * @param blocking where files are read
   */
  Prompts(PhoneSettings settings, Executor blocking) {
    this.settings = settings;
    this.blocking = blocking;
    this.speech = new Speech(settings);
    this.kept =
        Caffeine.newBuilder()
            .executor(blocking)
            .maximumWeight(settings.cacheOctets())
            .weigher((Object key, Loaded loaded) -> loaded.octets())
            .buildAsync();
  }

  /** What the message plays; fails with a {@link PromptTrouble}. */
  CompletionStage<Prompt> of(RenderedMessage message) {
    if (message.audio().isPresent()) return recording(message.audio().get());
    String text = message.text().map(String::strip).orElse("");
    if (text.isEmpty()) {
      return CompletableFuture.failedFuture(
          PromptTrouble.unusable("the message has neither audio nor text"));
    }
    return load(
        new Spoken(sha256(text)),
        () ->
            speech
                .speak(text)
                .thenApply(wav -> Prompt.of(WavFile.samples("the speech command's output", wav))));
  }

  private CompletionStage<Prompt> load(Object key, Supplier<CompletionStage<Prompt>> loader) {
    return kept.get(
            key, (ignored, executor) -> loader.get().handle(Loaded::of).toCompletableFuture())
        .thenApply(
            loaded -> {
              PromptTrouble trouble = loaded.trouble();
              if (trouble == null) return Objects.requireNonNull(loaded.prompt());
              kept.synchronous().invalidate(key);
              throw trouble;
            });
  }

  private CompletionStage<Prompt> recording(String name) {
    if (settings.prompts().isEmpty()) {
      return CompletableFuture.failedFuture(
          PromptTrouble.unusable("audio is to be played and parley.phone.prompts is not set"));
    }
    if (!NAME.matcher(name).matches()) {
      return CompletableFuture.failedFuture(
          PromptTrouble.unusable(
              "the audio's name is not that of a file in parley.phone.prompts; allowed are letters,"
                  + " digits and . _ -"));
    }
    Path file = settings.prompts().get().resolve(name);
    return CompletableFuture.supplyAsync(() -> look(name, file), blocking)
        .thenCompose(
            found ->
                load(found, () -> CompletableFuture.supplyAsync(() -> read(name, file), blocking)));
  }

  private static Recording look(String name, Path file) {
    try {
      BasicFileAttributes there = Files.readAttributes(file, BasicFileAttributes.class);
      if (!there.isRegularFile() || there.size() > MAX_FILE_OCTETS) {
        throw PromptTrouble.unusable(name + " is not a file of at most 64 MiB");
      }
      return new Recording(name, there.lastModifiedTime().toMillis(), there.size());
    } catch (IOException e) {
      throw PromptTrouble.unusable("there is no " + name + " in parley.phone.prompts");
    }
  }

  private static Prompt read(String name, Path file) {
    try {
      return Prompt.of(WavFile.samples(name, Files.readAllBytes(file)));
    } catch (IOException e) {
      throw PromptTrouble.unusable(name + " cannot be read");
    }
  }

  private static String sha256(String text) {
    try {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void close() {
    speech.close();
  }
}
