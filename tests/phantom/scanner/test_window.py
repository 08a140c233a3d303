import numpy as np

from ksfeat.phantom.scanner import window8


def test_the_window_becomes_0_to_255_and_the_rest_is_clipped():
    hu = np.array([[-2000, -160, 39], [41, 240, 3071]], dtype=np.int16)
    grey = window8(hu, (-160, 240))
    assert grey.dtype == np.uint8
    assert grey.tolist() == [[0, 0, 127], [128, 255, 255]]
