package org.parley.persistence.journal;

import java.util.List;
import java.util.Optional;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.Scheduler;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.PersistentRepr$;
import org.apache.pekko.persistence.jdbc.config.JournalConfig;
import org.apache.pekko.persistence.jdbc.journal.dao.DefaultJournalDao;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Source;
import scala.Option;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.FutureConverters;
import scala.runtime.BoxedUnit;
import scala.util.Try;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;

/**
 * The journal plugin's way to the database: writes go to the node's {@link JournalWriter}, reads to
 * its {@link JournalReader}; only deletions stay with the stock plugin. Made by the plugin, by
 * name.
 */
public final class BatchedJournalDao extends DefaultJournalDao {
  private final Journal journal;
  private final Serialization serialization;

  /** Made by Pekko Persistence JDBC. */
  public BatchedJournalDao(
      JdbcBackend.JdbcDatabaseDef database,
      JdbcProfile profile,
      JournalConfig config,
      Serialization serialization,
      ExecutionContext executor,
      Materializer materializer) {
    super(database, profile, config, serialization, executor, materializer);
    this.journal = Journal.of(materializer.system().settings().config());
    this.serialization = serialization;
  }

  @Override
  public Future<Seq<Try<BoxedUnit>>> asyncWriteMessages(Seq<AtomicWrite> messages) {
    EntityWrite write = new EntityWrite(messages, serialization);
    journal.writer().add(write);
    return write.answer();
  }

  @Override
  @SuppressWarnings("unchecked") // a Scala Long is an Object here
  public Future<Object> highestSequenceNr(String persistenceId, long fromSequenceNr) {
    return (Future<Object>)
        (Future<?>) FutureConverters.asScala(journal.reader().highest(persistenceId));
  }

  @Override
  public org.apache.pekko.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed>
      messagesWithBatch(
          String persistenceId,
          long fromSequenceNr,
          long toSequenceNr,
          int batchSize,
          Option<Tuple2<FiniteDuration, Scheduler>> refreshInterval) {
    return Source.unfoldAsync(
            Math.max(1, fromSequenceNr),
            from -> {
              if (from > toSequenceNr) {
                return java.util.concurrent.CompletableFuture.completedFuture(Optional.empty());
              }
              return journal
                  .reader()
                  .replay(persistenceId, from, toSequenceNr, batchSize)
                  .thenApply(BatchedJournalDao::next);
            })
        .mapConcat(events -> events)
        .map(this::event)
        .asScala();
  }

  /** A page and where the next one begins; behind everything when this was the last. */
  private static Optional<Pair<Long, List<JournalReader.Placed>>> next(JournalReader.Page page) {
    List<JournalReader.Placed> events = page.events();
    if (events.isEmpty()) return Optional.empty();
    long last = events.get(events.size() - 1).row().sequenceNumber();
    return Optional.of(Pair.create(page.full() ? last + 1 : Long.MAX_VALUE, events));
  }

  private Try<Tuple2<PersistentRepr, Object>> event(JournalReader.Placed placed) {
    return Try.apply(() -> Tuple2.apply(message(placed.row()), placed.ordering()));
  }

  private PersistentRepr message(JournalRow row) {
    PersistentRepr plain =
        PersistentRepr$.MODULE$
            .apply(
                read(row.event()),
                row.sequenceNumber(),
                row.persistenceId(),
                row.adapterManifest(),
                false,
                org.apache.pekko.actor.ActorRef.noSender(),
                row.writer())
            .withTimestamp(row.timestampMillis());
    return row.meta().map(meta -> plain.withMetadata(read(meta))).orElse(plain);
  }

  private Object read(JournalRow.Body body) {
    return serialization.deserialize(body.bytes(), body.serializerId(), body.manifest()).get();
  }
}
