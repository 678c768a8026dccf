"""Whether a figure shows itself where nobody imported pyplot."""

from __future__ import annotations

import io

import matplotlib.image
import numpy as np

from puffin.posterior.plots import new_figure


def test_a_figure_is_shown_as_the_picture_that_it_is():
    figure, axes = new_figure(4.0, 2.0)
    axes[0, 0].plot([0.0, 1.0], [0.0, 1.0], color="black")
    picture = matplotlib.image.imread(io.BytesIO(figure._repr_png_()))
    assert picture.shape[:2] == (200, 400)
    assert np.any(picture[..., :3] < 0.5)
    assert np.any(picture[..., :3] > 0.9)
