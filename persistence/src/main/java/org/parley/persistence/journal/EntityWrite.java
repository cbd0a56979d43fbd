package org.parley.persistence.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.concurrent.Future;
import scala.concurrent.Promise;
import scala.concurrent.Promise$;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import scala.util.Failure;
import scala.util.Success;
import scala.util.Try;

/**
 * What one entity asked the journal to keep. Its events become bytes on the thread of a lane, once;
 * one that cannot is rejected alone, and nothing of it is written.
 */
final class EntityWrite implements JournalWriter.Write {
  private static final Try<BoxedUnit> KEPT = new Success<>(BoxedUnit.UNIT);

  private final Seq<AtomicWrite> messages;
  private final Serialization serialization;
  private final Promise<Seq<Try<BoxedUnit>>> answer = Promise$.MODULE$.apply();
  private final List<Try<BoxedUnit>> results = new ArrayList<>(1);
  private @Nullable List<JournalRow> rows;
  private boolean rejects;

  EntityWrite(Seq<AtomicWrite> messages, Serialization serialization) {
    this.messages = messages;
    this.serialization = serialization;
  }

  Future<Seq<Try<BoxedUnit>>> answer() {
    return answer.future();
  }

  @Override
  public String persistenceId() {
    return messages.head().persistenceId();
  }

  @Override
  public int weight() {
    int weight = 0;
    for (AtomicWrite write : CollectionConverters.asJava(messages))
      weight += write.payload().size();
    return weight;
  }

  @Override
  public List<JournalRow> rows() {
    List<JournalRow> known = rows;
    if (known != null) return known;
    List<JournalRow> made = new ArrayList<>(2);
    for (AtomicWrite write : CollectionConverters.asJava(messages)) {
      Try<List<JournalRow>> part = Try.apply(() -> rows(write));
      if (part instanceof Failure<List<JournalRow>> failure) {
        rejects = true;
        results.add(new Failure<>(failure.exception()));
      } else {
        made.addAll(part.get());
        results.add(KEPT);
      }
    }
    rows = made;
    return made;
  }

  private List<JournalRow> rows(AtomicWrite write) {
    List<JournalRow> made = new ArrayList<>(write.payload().size());
    for (PersistentRepr message : CollectionConverters.asJava(write.payload())) {
      made.add(
          new JournalRow(
              message.persistenceId(),
              message.sequenceNr(),
              message.writerUuid(),
              message.timestamp(),
              message.manifest(),
              body(message.payload()),
              message.metadata().isEmpty()
                  ? Optional.empty()
                  : Optional.of(body(message.metadata().get()))));
    }
    return made;
  }

  private JournalRow.Body body(Object value) {
    if (value instanceof Tagged) {
      throw new IllegalArgumentException("The journal keeps no tags; readers take slices instead");
    }
    Serializer serializer = serialization.findSerializerFor(value);
    return new JournalRow.Body(
        serializer.identifier(),
        Serializers.manifestFor(serializer, value),
        serialization.serialize(value).get());
  }

  @Override
  public void written() {
    // An empty answer says "all of them", and is cheaper than a list of successes.
    Seq<Try<BoxedUnit>> all =
        rejects
            ? scala.collection.immutable.List.from(CollectionConverters.asScala(results))
            : scala.collection.immutable.List$.MODULE$.empty();
    answer.trySuccess(all);
  }

  @Override
  public void fail(Throwable cause) {
    answer.tryFailure(cause);
  }
}
