package org.parley.core.conversation;

import java.util.concurrent.atomic.AtomicReference;
import org.parley.core.api.Category;
import org.parley.core.spi.Places;

/**
 * One wait for a place, that gives the place back by itself when the conversation stops before it
 * can use it.
 */
final class PlaceRequest {
  private enum Stage {
    WAITING,
    OFFERED,
    OVER
  }

  private final Places places;
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);

  private PlaceRequest(Places places) {
    this.places = places;
  }

  /** Waits; the callback runs on any thread. Empty when the waiting room is full. */
  static java.util.Optional<PlaceRequest> start(
      Places places, Category category, java.util.function.Consumer<PlaceRequest> onOffer) {
    PlaceRequest request = new PlaceRequest(places);
    boolean waits =
        places.request(
            category,
            () -> {
              boolean wanted = request.stage.compareAndSet(Stage.WAITING, Stage.OFFERED);
              if (wanted) onOffer.accept(request);
              return wanted;
            });
    return waits ? java.util.Optional.of(request) : java.util.Optional.empty();
  }

  Places places() {
    return places;
  }

  /** Takes the offered place over; false when it was cancelled. */
  boolean use() {
    return stage.compareAndSet(Stage.OFFERED, Stage.OVER);
  }

  /** Ends the wait; an offered place that nobody used goes back. */
  void cancel() {
    if (stage.getAndSet(Stage.OVER) == Stage.OFFERED) places.release();
  }
}
