package org.parley.core.simulation;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.dispatch.Futures;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import scala.concurrent.Future;
import scala.concurrent.Promise;

/** Pekko's way to the disk of the schedule that is running. */
final class DiskJournal extends AsyncWriteJournal {
  private final Simulator simulator;

  DiskJournal(Config config, String path) {
    simulator = Simulator.of(context().system().settings().config());
  }

  @Override
  public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(
      Iterable<AtomicWrite> messages) {
    Promise<Iterable<Optional<Exception>>> answer = Futures.promise();
    List<Optional<Exception>> results = new ArrayList<>();
    List<PersistentRepr> events = new ArrayList<>();
    for (AtomicWrite write : messages) {
      results.add(Optional.empty());
      write.payload().foreach(event -> events.add(event));
    }
    simulator
        .disk()
        .write(
            events,
            failure -> {
              if (failure.isPresent()) answer.failure(failure.get());
              else answer.success(results);
            });
    return answer.future();
  }

  @Override
  public Future<Void> doAsyncReplayMessages(
      String id, long from, long to, long max, Consumer<PersistentRepr> replay) {
    Promise<Void> answer = Futures.promise();
    simulator
        .disk()
        .read(
            id,
            (events, failure) -> {
              if (failure.isPresent()) {
                answer.failure(failure.get());
                return;
              }
              for (PersistentRepr event : events) {
                if (event.sequenceNr() >= from && event.sequenceNr() <= to) replay.accept(event);
              }
              answer.success(null);
            });
    return answer.future();
  }

  @Override
  public Future<Long> doAsyncReadHighestSequenceNr(String id, long from) {
    Promise<Long> answer = Futures.promise();
    simulator
        .disk()
        .read(
            id,
            (events, failure) -> {
              if (failure.isPresent()) answer.failure(failure.get());
              else answer.success((long) events.size());
            });
    return answer.future();
  }

  @Override
  public Future<Void> doAsyncDeleteMessagesTo(String id, long to) {
    return Futures.failed(new UnsupportedOperationException("nothing is deleted"));
  }
}
