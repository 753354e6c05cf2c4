internal import Recall
